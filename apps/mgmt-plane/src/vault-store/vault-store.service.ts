import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { UserId, VaultId } from '@aileron/contracts/rest';
import { AileronError } from '@aileron/errors';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { z } from 'zod';
import { CONFIG, type MgmtPlaneConfig } from '../config.js';
import { parseInput } from '../parse-input.js';
import { KeyedLock } from './keyed-lock.js';
import { UserFiles, type VaultContent, VaultFolders } from './vault-folders.js';

const LARGEST_VAULT_BYTES = 16 * 1_024 * 1_024;
const MOST_VAULTS = 1_000;
const NEEDED = ['manifest.json', 'meta.json', 'members.json'];

/** Of meta.json, for lists; the truth is the signed manifest, which members read. */
const Meta = z.looseObject({ name: z.string().max(128), type: z.enum(['personal', 'shared']) });

export interface VaultSummary {
  readonly vaultId: VaultId;
  readonly name: string;
  readonly type: 'personal' | 'shared';
}

/**
 * Keeps vaults as files: ciphertext and signed documents, which it cannot open and does not vouch for. What it promises
 * is that a vault is read as it was at one moment, and replaced whole by a writer who saw the present one.
 */
@Injectable()
export class VaultStoreService implements OnModuleInit {
  readonly #vaults: VaultFolders;
  readonly #users: UserFiles;
  readonly #lock = new KeyedLock();
  readonly #tenantId: string;

  constructor(@Inject(CONFIG) config: MgmtPlaneConfig) {
    this.#vaults = new VaultFolders(join(config.storeDirectory, 'vaults'));
    this.#users = new UserFiles(join(config.storeDirectory, 'users'));
    this.#tenantId = config.tenant.tenantId;
  }

  async onModuleInit(): Promise<void> {
    await this.#vaults.recover();
    await this.#users.recover();
  }

  /** NOT_FOUND for another tenant's: a store of files is one tenant's. */
  async getVault(input: { tenantId: string; vaultId: string }): Promise<VaultContent> {
    const vaultId = parseInput(VaultId, input.vaultId);
    this.#assertOurs(input.tenantId, { vaultId });
    const content = await this.#lock.run(vaultId, () => this.#vaults.read(vaultId));
    if (content === null) throw new AileronError('NOT_FOUND', { vaultId });
    return content;
  }

  /** Whether the present manifest.json has this digest. Of a vault that is not there none has. */
  async hasManifest(input: { tenantId: string; vaultId: string; manifestSha256: string }): Promise<boolean> {
    const vaultId = parseInput(VaultId, input.vaultId);
    this.#assertOurs(input.tenantId, { vaultId });
    return this.#lock.run(vaultId, async () => input.manifestSha256 === (await this.#manifestSha256(vaultId)));
  }

  async listVaults(tenantId: string): Promise<VaultSummary[]> {
    if (tenantId !== this.#tenantId) return [];
    const ids = (await this.#vaults.list()).slice(0, MOST_VAULTS).map((id) => VaultId.parse(id));
    const summaries = ids.map(async (vaultId) => {
      const meta = await this.#lock.run(vaultId, () => this.#vaults.readFile(vaultId, 'meta.json'));
      const parsed = Meta.safeParse(meta && parseJson(meta));
      return { vaultId, name: parsed.data?.name ?? vaultId, type: parsed.data?.type ?? 'personal' };
    });
    return Promise.all(summaries);
  }

  /** CONFLICT unless the present manifest has the digest that the writer started from (null: no vault yet). */
  async putVault(input: {
    tenantId: string;
    vaultId: string;
    expectedManifestSha256: string | null;
    content: VaultContent;
  }): Promise<void> {
    const vaultId = parseInput(VaultId, input.vaultId);
    this.#assertOurs(input.tenantId, { vaultId });
    assertWhole(input.content);
    await this.#lock.run(vaultId, async () => {
      if ((await this.#manifestSha256(vaultId)) !== input.expectedManifestSha256)
        throw new AileronError('CONFLICT', { vaultId });
      await this.#vaults.replace(vaultId, input.content).catch(refuseUnwritable);
    });
  }

  async getUser(input: { tenantId: string; userId: string }): Promise<Uint8Array> {
    const userId = parseInput(UserId, input.userId);
    this.#assertOurs(input.tenantId, { userId });
    const content = await this.#users.read(userId);
    if (content === null) throw new AileronError('NOT_FOUND', { userId });
    return content;
  }

  async hasUser(input: { tenantId: string; userId: string }): Promise<boolean> {
    return this.getUser(input).then(
      () => true,
      () => false,
    );
  }

  /** CONFLICT unless the present file has the digest that the writer started from (null: none yet). */
  async putUser(input: {
    tenantId: string;
    userId: string;
    expectedSha256: string | null;
    content: Uint8Array;
  }): Promise<void> {
    const userId = parseInput(UserId, input.userId);
    this.#assertOurs(input.tenantId, { userId });
    await this.#lock.run(userId, async () => {
      const present = sha256(await this.#users.read(userId));
      if (present !== input.expectedSha256) throw new AileronError('CONFLICT', { userId });
      await this.#users.replace(userId, input.content).catch(refuseUnwritable);
    });
  }

  async #manifestSha256(vaultId: string): Promise<string | null> {
    return sha256(await this.#vaults.readFile(vaultId, 'manifest.json'));
  }

  #assertOurs(tenantId: string, what: Record<string, string>): void {
    if (tenantId !== this.#tenantId) throw new AileronError('NOT_FOUND', what);
  }
}

function assertWhole(content: VaultContent): void {
  const missing = NEEDED.filter((path) => !content.has(path));
  if (missing.length > 0) {
    throw new AileronError('INVALID_ARGUMENT', {
      fields: missing.map((path) => ({ field: 'files', message: `${path} is missing` })),
    });
  }
  const bytes = [...content.values()].reduce((sum, file) => sum + file.length, 0);
  if (bytes > LARGEST_VAULT_BYTES) throw new AileronError('PAYLOAD_TOO_LARGE', { limitBytes: LARGEST_VAULT_BYTES });
}

function refuseUnwritable(error: unknown): never {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EROFS' || code === 'ENOSPC' || code === 'EDQUOT') {
    throw new AileronError('HOME_UNWRITABLE', { reason: code }, { cause: error });
  }
  throw error;
}

function sha256(content: Uint8Array | null): string | null {
  return content && createHash('sha256').update(content).digest('base64url');
}

function parseJson(content: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(content).toString('utf8'));
  } catch {
    return null;
  }
}
