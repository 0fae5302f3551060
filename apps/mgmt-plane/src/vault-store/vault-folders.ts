import { lstat, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { VaultFilePath } from '@aileron/contracts/rest';
import { makePrivateFolder, renameDurable, syncFolder, writeDurable } from './durable-files.js';

/** The files of one vault by their path inside its folder. */
export type VaultContent = ReadonlyMap<string, Uint8Array>;

const FOLDERS = ['', 'key_wrappings', 'credentials'];
const LONGEST_FILE_BYTES = 262_144;

/**
 * `vaults/{vault_id}/…` in seed 003's layout. A vault is replaced as a whole: the new folder is written and synced
 * beside it as `.new`, the present one steps aside as `.old`, the new one takes its name. A crash at any point leaves
 * the old vault or the new one, see `recover`. One process at a time; the caller orders the calls of one vault.
 */
export class VaultFolders {
  constructor(private readonly root: string) {}

  /** At start, before anything else: undoes or finishes what a crash interrupted. */
  async recover(): Promise<void> {
    await makePrivateFolder(this.root);
    for (const name of await readdir(this.root)) {
      const interrupted = /^\.(vlt_[0-9A-Za-z_-]{1,60})\.(?:new|old)$/.exec(name);
      if (interrupted) await this.#recoverVault(interrupted[1]!);
    }
  }

  /** The writer of an unfinished replacement was never told that it succeeded: the old vault stands. */
  async #recoverVault(vaultId: string): Promise<void> {
    const { present, draft, old } = this.#paths(vaultId);
    if (!(await exists(present)) && (await exists(old))) await renameDurable(old, present);
    await rm(draft, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }

  async list(): Promise<string[]> {
    const names = await readdir(this.root);
    return names.filter((name) => /^vlt_[0-9A-Za-z_-]{1,60}$/.test(name)).toSorted();
  }

  /** Every file of a vault that belongs to the layout; null when there is no such vault. */
  async read(vaultId: string): Promise<Map<string, Uint8Array> | null> {
    const { present } = this.#paths(vaultId);
    if (!(await exists(present))) return null;
    const content = new Map<string, Uint8Array>();
    for (const folder of FOLDERS) {
      for (const entry of await readdir(join(present, folder), { withFileTypes: true }).catch(() => [])) {
        const path = join(folder, entry.name);
        if (!entry.isFile() || !VaultFilePath.safeParse(path).success) continue;
        content.set(path, await readBounded(join(present, path)));
      }
    }
    return content;
  }

  async readFile(vaultId: string, path: 'manifest.json' | 'meta.json'): Promise<Uint8Array | null> {
    const { present } = this.#paths(vaultId);
    return (await exists(present)) ? readPresent(join(present, path)) : null;
  }

  async replace(vaultId: string, content: VaultContent): Promise<void> {
    const { present, draft, old } = this.#paths(vaultId);
    await this.#recoverVault(vaultId);
    for (const folder of FOLDERS) await makePrivateFolder(join(draft, folder));
    for (const [path, bytes] of content) await writeDurable(join(draft, path), bytes);
    for (const folder of FOLDERS.toReversed()) await syncFolder(join(draft, folder));
    if (await exists(present)) await rename(present, old);
    try {
      await renameDurable(draft, present);
    } catch (error) {
      await this.#recoverVault(vaultId);
      throw error;
    }
    await rm(old, { recursive: true, force: true });
  }

  #paths(vaultId: string) {
    const beside = (suffix: string) => join(this.root, `.${vaultId}.${suffix}`);
    return { present: join(this.root, vaultId), draft: beside('new'), old: beside('old') };
  }
}

/** `users/{user_id}.json`, each replaced as a whole. */
export class UserFiles {
  constructor(private readonly root: string) {}

  async recover(): Promise<void> {
    await makePrivateFolder(this.root);
    const drafts = (await readdir(this.root)).filter((name) => name.startsWith('.'));
    for (const name of drafts) await rm(join(this.root, name), { force: true });
  }

  async read(userId: string): Promise<Uint8Array | null> {
    return readPresent(this.#path(userId));
  }

  async replace(userId: string, content: Uint8Array): Promise<void> {
    const draft = join(this.root, `.${userId}.new`);
    await rm(draft, { force: true });
    await writeDurable(draft, content);
    await renameDurable(draft, this.#path(userId));
    await syncFolder(dirname(this.root));
  }

  #path(userId: string): string {
    return join(this.root, `${userId}.json`);
  }
}

async function readBounded(path: string): Promise<Uint8Array> {
  return readSized(path, await lstat(path));
}

/** Null where there is none. */
async function readPresent(path: string): Promise<Uint8Array | null> {
  const status = await lstat(path).catch(() => null);
  return status === null || status.isSymbolicLink() ? null : readSized(path, status);
}

async function readSized(path: string, { size }: { readonly size: number }): Promise<Uint8Array> {
  if (size > LONGEST_FILE_BYTES) throw new Error(`${path} is larger than any file of a vault`);
  return readFile(path);
}

/** A folder or a file; a symbolic link is neither, it could name anything on the machine. */
async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    (status) => !status.isSymbolicLink(),
    () => false,
  );
}
