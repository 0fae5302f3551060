import { isUniqueViolation } from '@aileron/database';
import { Inject, Injectable } from '@nestjs/common';
import { MgmtDatabase } from '../database/mgmt-database.js';

export type BundleKind = 'policy' | 'connector';

export interface StoredBundle {
  readonly tenantId: string;
  readonly kind: BundleKind;
  readonly version: number;
  /** SHA-256 of what is bundled, without version and time: equal content is not published twice. */
  readonly contentSha256: Uint8Array;
  /** The key that signed it. */
  readonly keyId: string;
  /** DSSE envelope as JSON. */
  readonly envelope: Uint8Array;
}

@Injectable()
export class BundlesRepository {
  constructor(@Inject(MgmtDatabase) private readonly database: MgmtDatabase) {}

  async findLatest(tenantId: string, kind: BundleKind): Promise<StoredBundle | null> {
    const row = await this.database.prisma.bundle.findFirst({
      where: { tenantId, kind },
      orderBy: { version: 'desc' },
      omit: { createdAt: true },
    });
    return row && { ...row, kind, version: Number(row.version) };
  }

  /** @returns false when this version exists already */
  async insert(bundle: StoredBundle & { createdAt: Date }): Promise<boolean> {
    try {
      await this.database.prisma.bundle.create({
        data: {
          ...bundle,
          version: BigInt(bundle.version),
          contentSha256: new Uint8Array(bundle.contentSha256),
          envelope: new Uint8Array(bundle.envelope),
        },
      });
      return true;
    } catch (error) {
      if (isUniqueViolation(error)) return false;
      throw error;
    }
  }
}
