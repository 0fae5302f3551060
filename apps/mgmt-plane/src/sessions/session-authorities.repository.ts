import { inTransaction } from '@aileron/database/mgmt';
import { Inject, Injectable } from '@nestjs/common';
import { MgmtDatabase } from '../database/mgmt-database.js';
import type { SessionKey } from '../ports/lease.port.js';
import type { SessionRow } from './session.js';
import { lockSession } from './sessions.repository.js';

/** The CA key of a session, sealed: only credential-service opens it, while the session is unlocked. */
export interface SealedAuthority {
  /** SHA-256 of the certificate's PEM text. */
  readonly certificateSha256: Uint8Array;
  readonly sealed: Uint8Array;
}

@Injectable()
export class SessionAuthoritiesRepository {
  constructor(@Inject(MgmtDatabase) private readonly database: MgmtDatabase) {}

  /**
   * Stores it when there is none and `isTheirs` of the session, which does not end or change in between.
   * @returns what is stored then, or null when the session does not take it
   */
  async insert(
    input: SessionKey & SealedAuthority & { proxyId: string; createdAt: Date },
    isTheirs: (session: Pick<SessionRow, 'state' | 'caCertificatePem'>) => boolean,
  ): Promise<SealedAuthority | null> {
    return inTransaction(this.database.prisma, async (transaction) => {
      const session = await lockSession(transaction, input);
      if (session === null || !isTheirs(session)) return null;
      const { tenantId, sessionId, proxyId, createdAt } = input;
      const bytes = {
        certificateSha256: Uint8Array.from(input.certificateSha256),
        sealed: Uint8Array.from(input.sealed),
      };
      await transaction.sessionAuthority.createMany({
        data: [{ tenantId, sessionId, proxyId, createdAt, ...bytes }],
        skipDuplicates: true,
      });
      return transaction.sessionAuthority.findUnique({
        where: { tenantId_sessionId: { tenantId, sessionId } },
        select: { certificateSha256: true, sealed: true },
      });
    });
  }

  async find({ tenantId, sessionId }: SessionKey): Promise<SealedAuthority | null> {
    return this.database.prisma.sessionAuthority.findUnique({
      where: { tenantId_sessionId: { tenantId, sessionId } },
      select: { certificateSha256: true, sealed: true },
    });
  }
}
