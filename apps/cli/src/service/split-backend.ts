import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LOCAL_TENANT_ID } from '@aileron/contracts/rest';
import { AileronError } from '@aileron/errors';
import type { ReadyLine } from '@aileron/service-host';
import type { Logger } from '@aileron/telemetry';
import { ensureCertificates, PARTS, type PartName } from '../certs/part-certificates.js';
import type { Home } from '../home/home.js';
import { writePrivateFile } from '../home/private-file.js';
import type { ServiceProcess } from '../home/service-file.js';
import type { Backend } from './backend.js';
import { freePort } from './free-port.js';
import type { PartConfigs } from './part-configs.js';
import { PartProcess } from './part-process.js';

export interface SplitInput {
  readonly home: Home;
  readonly configs: PartConfigs;
  readonly logger: Logger;
  /** Holds a folder for each part, as `pnpm image` makes it; undefined: the parts of this installation. */
  readonly imagesDirectory: string | undefined;
  /** A part was started anew. */
  readonly onChange: () => void;
}

/**
 * The three services as three processes that speak gRPC over TCP with mutual TLS, and share no file but the database's.
 * What dies is started again.
 */
export async function startSplit(input: SplitInput): Promise<Backend> {
  const certificates = input.home.path('certs');
  await ensureCertificates({ directory: certificates, tenantId: LOCAL_TENANT_ID, hosts: [], now: new Date() });
  const ports = { 'mgmt-plane': await freePort(), 'credential-service': await freePort() };
  const ready = new Map<PartName, ReadyLine>();
  const parts = await Promise.all(
    PARTS.map(async (name) => {
      const environment = await tell(input, { name, certificates, ports });
      const onReady = (line: ReadyLine): void => {
        ready.set(name, line);
        input.onChange();
      };
      return new PartProcess({
        name,
        main: mainOf(name, input.imagesDirectory),
        environment,
        logger: input.logger,
        onReady,
      });
    }),
  );
  const close = async (): Promise<void> => {
    // The proxy first: what it has in flight needs the others.
    for (const part of [...parts].reverse()) await part.stop();
  };
  const started = await Promise.allSettled(parts.map((part) => part.start()));
  const failed = started.find((result) => result.status === 'rejected');
  if (failed) {
    await close();
    throw failed.reason;
  }
  return {
    url: urlOf(ready),
    workspacesUrl: null,
    boardUrl: null,
    get processes() {
      return [...ready].map(([service, { pid, ops }]): ServiceProcess => ({ service, pid, ops }));
    },
    close,
  };
}

type GrpcPorts = Readonly<Record<Exclude<PartName, 'proxy'>, number>>;

/** The part's configuration in a file that is its own, and the environment that names it. */
async function tell(
  { home, configs }: SplitInput,
  { name, certificates, ports }: { readonly name: PartName; readonly certificates: string; readonly ports: GrpcPorts },
): Promise<Record<string, string>> {
  const folder = home.path('parts', name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'config.json');
  writePrivateFile(file, JSON.stringify(configOf(name, configs)));
  const peers = Object.entries(ports).filter(([peer]) => peer !== name);
  return {
    AILERON_CONFIG_FILE: file,
    AILERON_PEERS: peers.map(([peer, port]) => `${peer}=127.0.0.1:${port}`).join(','),
    AILERON_TLS_DIRECTORY: join(certificates, name),
    // A port of its own, and the same one when it is started again: whoever reads its metrics stays.
    AILERON_OPS_LISTEN: `127.0.0.1:${await freePort()}`,
    ...(name === 'proxy' ? {} : { AILERON_LISTEN: `127.0.0.1:${ports[name]}` }),
  };
}

function configOf(name: PartName, { mgmtPlane, credentialService, proxy }: PartConfigs): unknown {
  switch (name) {
    case 'mgmt-plane':
      return mgmtPlane;
    case 'credential-service':
      return credentialService;
    case 'proxy':
      return proxy;
  }
}

const mainOf = (name: PartName, imagesDirectory: string | undefined): string =>
  imagesDirectory === undefined
    ? fileURLToPath(new URL('main.js', import.meta.resolve(`@aileron/${name}/service`)))
    : join(imagesDirectory, name, 'dist', 'main.js');

function urlOf(ready: ReadonlyMap<PartName, ReadyLine>): string {
  const url = ready.get('mgmt-plane')?.http;
  if (url == null) throw new AileronError('INTERNAL', { reason: 'no-rest-api' });
  return url;
}
