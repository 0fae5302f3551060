import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MgmtPlaneConfig } from '../config.js';
import { randomName } from '../mgmt-plane.fixture.js';
import { VaultStoreService } from './vault-store.service.js';

const tenantId = 'ten_local';
let folder: string;
let vaults: string;
let store: VaultStoreService;
let vaultId: string;

const openStore = async () => {
  const config = { storeDirectory: join(folder, 'store'), tenant: { tenantId, name: 'local' } } as MgmtPlaneConfig;
  const opened = new VaultStoreService(config);
  await opened.onModuleInit();
  return opened;
};

const text = (value: string) => new TextEncoder().encode(value);
const digest = (content: Uint8Array | undefined) => createHash('sha256').update(content!).digest('base64url');
const contentOf = (version: number, more: Record<string, string> = {}) =>
  new Map(
    Object.entries({
      'manifest.json': `{"version":${version}}`,
      'meta.json': '{"name":"Mine","type":"personal"}',
      'members.json': '{}',
      'key_wrappings/usr_local.wrap': randomName(),
      'credentials/crd_1.enc': `ciphertext ${version}`,
      'credentials/crd_1.meta.json': '{}',
      ...more,
    }).map(([path, value]) => [path, text(value)] as const),
  );

const put = (content: Map<string, Uint8Array>, expectedManifestSha256: string | null) =>
  store.putVault({ tenantId, vaultId, expectedManifestSha256, content });
const manifest = async () =>
  Buffer.from((await store.getVault({ tenantId, vaultId })).get('manifest.json')!).toString();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aileron-store-'));
  vaults = join(folder, 'store/vaults');
  vaultId = `vlt_${randomName()}`;
  store = await openStore();
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('putVault', () => {
  it('writes the layout of seed 003, for its owner only, and reads the same bytes', async () => {
    const content = contentOf(1);
    await put(content, null);
    expect((await readdir(vaults)).toSorted()).toEqual([vaultId]);
    expect((await readdir(join(vaults, vaultId, 'credentials'))).toSorted()).toEqual(['crd_1.enc', 'crd_1.meta.json']);
    expect((await stat(join(vaults, vaultId, 'manifest.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(vaults, vaultId))).mode & 0o777).toBe(0o700);
    const read = await store.getVault({ tenantId, vaultId });
    expect(new Map([...read].map(([path, bytes]) => [path, digest(bytes)]))).toEqual(
      new Map([...content].map(([path, bytes]) => [path, digest(bytes)])),
    );
    expect(await store.listVaults(tenantId)).toEqual([{ vaultId, name: 'Mine', type: 'personal' }]);
  });

  it('replaces everything: a file that is not in the new one is gone', async () => {
    const first = contentOf(1, { 'credentials/crd_2.enc': 'gone' });
    await put(first, null);
    await put(contentOf(2), digest(first.get('manifest.json')));
    const read = await store.getVault({ tenantId, vaultId });
    expect(read.has('credentials/crd_2.enc')).toBe(false);
    expect(await manifest()).toBe('{"version":2}');
  });

  it('lets one of many writers who saw the same vault win', async () => {
    const first = contentOf(1);
    await put(first, null);
    const expected = digest(first.get('manifest.json'));
    const writers = Array.from({ length: 8 }, (_, n) => put(contentOf(n + 2), expected));
    const results = await Promise.allSettled(writers);
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'CONFLICT' });
    }
  });

  it('refuses a writer who saw no vault where one is, or one where none is', async () => {
    await expect(put(contentOf(1), 'A'.repeat(43))).rejects.toMatchObject({ code: 'CONFLICT' });
    await put(contentOf(1), null);
    await expect(put(contentOf(2), null)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await manifest()).toBe('{"version":1}');
  });

  it('is never read half old, half new', async () => {
    let content = contentOf(1);
    await put(content, null);
    const reads: Promise<void>[] = [];
    for (let version = 2; version < 12; version += 1) {
      const next = contentOf(version);
      const writing = put(next, digest(content.get('manifest.json')));
      for (let i = 0; i < 4; i += 1) {
        reads.push(
          store.getVault({ tenantId, vaultId }).then((files) => {
            const { version: read } = JSON.parse(Buffer.from(files.get('manifest.json')!).toString()) as {
              version: number;
            };
            expect(Buffer.from(files.get('credentials/crd_1.enc')!).toString()).toBe(`ciphertext ${read}`);
          }),
        );
      }
      await writing;
      content = next;
    }
    await Promise.all(reads);
  });

  it('refuses a vault without its documents, and one that is too large', async () => {
    const missing = contentOf(1);
    missing.delete('members.json');
    await expect(put(missing, null)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const large = contentOf(1);
    for (let n = 0; n < 65; n += 1) large.set(`credentials/crd_${n}.enc`, randomBytes(262_144));
    await expect(put(large, null)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(await readdir(vaults)).toEqual([]);
  });

  it.each(['../vlt_x', 'vlt_../x', 'vlt_', '', '.vlt_x.new', 'vlt_x/../../y', `vlt_${'x'.repeat(61)}`, 'vlt_x\0'])(
    'refuses the id %j',
    async (id) => {
      const call = store.putVault({ tenantId, vaultId: id, expectedManifestSha256: null, content: contentOf(1) });
      await expect(call).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      await expect(store.getVault({ tenantId, vaultId: id })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    },
  );

  it('does not know another tenant', async () => {
    await put(contentOf(1), null);
    const foreign = { tenantId: 'ten_other', vaultId };
    await expect(store.getVault(foreign)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const write = store.putVault({ ...foreign, expectedManifestSha256: null, content: contentOf(2) });
    await expect(write).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await store.listVaults('ten_other')).toEqual([]);
  });
});

describe('a crash during a replacement', () => {
  const half = async (suffix: 'new' | 'old') => {
    const path = join(vaults, `.${vaultId}.${suffix}`);
    await mkdir(join(path, 'credentials'), { recursive: true });
    await writeFile(join(path, 'manifest.json'), '{"version":9}');
    return path;
  };

  it('while the new one is written: the old one stands, nothing is left', async () => {
    await put(contentOf(1), null);
    await half('new');
    store = await openStore();
    expect(await manifest()).toBe('{"version":1}');
    expect(await readdir(vaults)).toEqual([vaultId]);
  });

  it('between the two renames: the old one is back', async () => {
    await put(contentOf(1), null);
    await half('new');
    await rename(join(vaults, vaultId), join(vaults, `.${vaultId}.old`));
    store = await openStore();
    expect(await manifest()).toBe('{"version":1}');
    expect(await readdir(vaults)).toEqual([vaultId]);
  });

  it('after the second rename: the new one stands', async () => {
    await put(contentOf(2), null);
    await half('old');
    store = await openStore();
    expect(await manifest()).toBe('{"version":2}');
    expect(await readdir(vaults)).toEqual([vaultId]);
  });

  it('of a first vault: there is none, and it can be written', async () => {
    await half('new');
    store = await openStore();
    await expect(manifest()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await put(contentOf(1), null);
    expect(await manifest()).toBe('{"version":1}');
  });
});

describe('getVault', () => {
  it('follows no symbolic link and skips what is not of the layout', async () => {
    await put(contentOf(1), null);
    const present = join(vaults, vaultId);
    await writeFile(join(folder, 'outside'), 'outside');
    await symlink(join(folder, 'outside'), join(present, 'credentials/crd_9.enc'));
    await writeFile(join(present, 'notes.txt'), 'x');
    const paths = [...(await store.getVault({ tenantId, vaultId })).keys()];
    expect(paths).not.toContain('credentials/crd_9.enc');
    expect(paths).not.toContain('notes.txt');
    await rename(present, join(folder, 'elsewhere'));
    await symlink(join(folder, 'elsewhere'), present);
    await expect(store.getVault({ tenantId, vaultId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const manifestSha256 = digest(contentOf(1).get('manifest.json'));
    expect(await store.hasManifest({ tenantId, vaultId, manifestSha256 })).toBe(false);
  });

  it('need not be asked for while the manifest is the one that the caller knows', async () => {
    await put(contentOf(1), null);
    const manifestSha256 = digest(contentOf(1).get('manifest.json'));
    expect(await store.hasManifest({ tenantId, vaultId, manifestSha256 })).toBe(true);
    await put(contentOf(2), manifestSha256);
    expect(await store.hasManifest({ tenantId, vaultId, manifestSha256 })).toBe(false);
    const foreign = store.hasManifest({ tenantId: 'ten_other', vaultId, manifestSha256 });
    await expect(foreign).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const missing = { tenantId, vaultId: 'vlt_missing', manifestSha256 };
    expect(await store.hasManifest(missing)).toBe(false);
  });
});

describe('users', () => {
  const userId = 'usr_local';

  it('are written once from nothing, then only over the one that was seen', async () => {
    await expect(store.getUser({ tenantId, userId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await store.putUser({ tenantId, userId, expectedSha256: null, content: text('1') });
    const blind = store.putUser({ tenantId, userId, expectedSha256: null, content: text('2') });
    await expect(blind).rejects.toMatchObject({ code: 'CONFLICT' });
    await store.putUser({ tenantId, userId, expectedSha256: digest(text('1')), content: text('2') });
    store = await openStore();
    expect(Buffer.from(await store.getUser({ tenantId, userId })).toString()).toBe('2');
    expect(await readdir(join(folder, 'store/users'))).toEqual(['usr_local.json']);
    const traversal = store.getUser({ tenantId, userId: '../vaults/x' });
    await expect(traversal).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});
