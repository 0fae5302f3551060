import { type DecryptService } from '@aileron/contracts/grpc';
import { type Client } from '@aileron/service-host';
import { Secret } from '@aileron/vault';
import { type Credentials, type ResolvedCredential } from '../ports/credentials.port.js';
import { type StateSealer } from '../ports/state-sealer.port.js';

/** The credential service: the only one that can open a credential. */
export class GrpcCredentials implements Credentials, StateSealer {
  constructor(private readonly client: Client<typeof DecryptService>) {}

  async resolve({ signal, ...use }: Parameters<Credentials['resolve']>[0]): Promise<ResolvedCredential> {
    const { vaultId, credentialId, credentialVersion } = await this.client.resolve(use, { signal });
    return { vaultId, credentialId, version: credentialVersion };
  }

  /** The bytes of the answer become the Secret's own: there is no other copy here. */
  async decrypt({ signal, credential, ...use }: Parameters<Credentials['decrypt']>[0]): Promise<Secret> {
    const { vaultId, credentialId, version: credentialVersion } = credential;
    const { secret } = await this.client.decrypt({ ...use, vaultId, credentialId, credentialVersion }, { signal });
    return Secret.fromBytes(secret);
  }

  async seal({ signal, ...input }: Parameters<StateSealer['seal']>[0]): Promise<Uint8Array> {
    return (await this.client.sealState(input, { signal })).sealed;
  }

  async unseal({ signal, ...input }: Parameters<StateSealer['unseal']>[0]): Promise<Uint8Array> {
    return (await this.client.unsealState(input, { signal })).plaintext;
  }
}
