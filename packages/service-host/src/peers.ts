import type { DescService } from '@bufbuild/protobuf';
import { AileronError } from '@aileron/errors';
import { GrpcTransport } from './grpc-transport.js';
import { channelCredentials, type MutualTls } from './mutual-tls.js';
import type { Transport } from './transport.js';

/** Which part serves the services of a protobuf package. */
const PART_OF_PACKAGE: Readonly<Record<string, string>> = {
  'aileron.credential.v1': 'credential-service',
  'aileron.mgmt.v1': 'mgmt-plane',
};

/** Where the other parts are, by their names: host:port or unix:/path. */
export type PeerAddresses = Readonly<Record<string, string>>;

/** The name of the part that serves this. */
export function partOf(service: DescService): string {
  const part = PART_OF_PACKAGE[service.file.proto.package];
  if (part === undefined) throw new TypeError(`${service.typeName} belongs to no part`);
  return part;
}

/** One connection to each of the other parts, made at its first use. */
export class Peers {
  readonly #transports = new Map<string, GrpcTransport>();

  constructor(private readonly input: { readonly addresses: PeerAddresses; readonly tls: MutualTls | undefined }) {}

  /** @throws AileronError CONFIG_INVALID naming the part whose address is missing */
  readonly reach = (service: DescService): Transport => {
    const part = partOf(service);
    const known = this.#transports.get(part);
    if (known !== undefined) return known;
    const { addresses, tls } = this.input;
    const address = addresses[part];
    if (address === undefined) {
      const fields = [{ field: 'AILERON_PEERS', message: `does not say where ${part} is` }];
      throw new AileronError('CONFIG_INVALID', { fields });
    }
    // The certificate must name the part, wherever it answers.
    const proved = tls === undefined ? {} : { credentials: channelCredentials(tls), serverName: part };
    const transport = new GrpcTransport({ address, ...proved });
    this.#transports.set(part, transport);
    return transport;
  };

  close(): void {
    for (const transport of this.#transports.values()) transport.close();
  }
}
