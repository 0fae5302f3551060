import { AileronError } from '@aileron/errors';
import { z } from 'zod';
import { readSmallFile, writeWholeFile } from './private-files.js';

const MAX_BYTES = 4_096;

const Accepted = z.strictObject({
  version: z.int().min(1),
  /** Of the payload, SHA-256 in base64url. */
  digest: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});
const VersionsFile = z.strictObject({
  v: z.literal(1),
  tenantId: z.string().min(1).max(64),
  policy: Accepted.nullable(),
  connector: Accepted.nullable(),
});

export type BundleName = 'policy' | 'connector';
export type AcceptedBundle = z.infer<typeof Accepted>;

/**
 * The highest bundle of each kind that this proxy ever accepted, over its restarts: whoever writes the management plane's
 * tables cannot bring an older policy back, though it was once signed.
 */
export class BundleVersions {
  readonly #path: string;
  readonly #file: z.infer<typeof VersionsFile>;
  #saved = true;

  private constructor(path: string, file: z.infer<typeof VersionsFile>) {
    this.#path = path;
    this.#file = file;
  }

  /** No file is a new proxy. ROLLBACK_STATE_BROKEN for one that is not whole, or of another tenant. */
  static async open(path: string, tenantId: string): Promise<BundleVersions> {
    return new BundleVersions(path, await read(path, tenantId));
  }

  highest(bundle: BundleName): AcceptedBundle | null {
    return this.#file[bundle];
  }

  /** Remembered at once; on disk after `save`. */
  accept(bundle: BundleName, accepted: AcceptedBundle): void {
    this.#file[bundle] = accepted;
    this.#saved = false;
  }

  /** Throws when it cannot be written; the next call tries again. */
  async save(): Promise<void> {
    if (this.#saved) return;
    this.#saved = true;
    try {
      await writeWholeFile(this.#path, `${JSON.stringify(this.#file)}\n`, 0o600);
    } catch (error) {
      this.#saved = false;
      throw error;
    }
  }
}

async function read(path: string, tenantId: string): Promise<z.infer<typeof VersionsFile>> {
  try {
    const bytes = await readSmallFile(path, MAX_BYTES);
    if (bytes === null) return { v: 1, tenantId, policy: null, connector: null };
    const file = VersionsFile.parse(JSON.parse(bytes.toString('utf8')));
    if (file.tenantId !== tenantId) throw new TypeError('of another tenant');
    return file;
  } catch (cause) {
    throw new AileronError('ROLLBACK_STATE_BROKEN', { path }, { cause });
  }
}
