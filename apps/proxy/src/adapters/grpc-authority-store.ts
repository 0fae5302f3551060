import { type DataPlaneService } from '@aileron/contracts/grpc';
import { AileronError } from '@aileron/errors';
import { type Client } from '@aileron/service-host';
import { type AuthorityStore, type SealedAuthority } from '../ports/authority-store.port.js';

/** The management plane keeps them; it cannot open one. */
export class GrpcAuthorityStore implements AuthorityStore {
  constructor(
    private readonly client: Client<typeof DataPlaneService>,
    private readonly proxyId: string,
  ) {}

  async store({ signal, ...authority }: Parameters<AuthorityStore['store']>[0]): Promise<void> {
    await this.client.storeSessionAuthority({ ...authority, proxyId: this.proxyId }, { signal });
  }

  async find({ signal, ...session }: Parameters<AuthorityStore['find']>[0]): Promise<SealedAuthority | null> {
    try {
      const found = await this.client.getSessionAuthority({ ...session, proxyId: this.proxyId }, { signal });
      return { certificateSha256: found.certificateSha256, sealed: found.sealed };
    } catch (error) {
      if (AileronError.is(error, 'NOT_FOUND')) return null;
      throw error;
    }
  }
}
