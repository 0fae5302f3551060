import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ensureTrust, TrustFile } from './home-keys.js';
import { Home } from './home.js';
import { readJsonFile } from './private-file.js';

describe('a home', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'home-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is made for its owner alone', () => {
    const home = new Home(join(folder, 'a'));
    home.prepare();
    expect(statSync(home.root).mode & 0o777).toBe(0o700);
    expect(statSync(home.path('keys')).mode & 0o777).toBe(0o700);
  });

  it('is refused where a file stands in its place, with the reason', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => new Home(join(folder, 'file', 'home')).prepare()).toThrow(
      expect.objectContaining({ code: 'HOME_UNWRITABLE' }),
    );
  });

  it('is refused on a path too long for a socket, before anything is made', () => {
    const home = new Home(join(folder, 'x'.repeat(90)));
    expect(() => home.prepare()).toThrow(expect.objectContaining({ code: 'HOME_PATH_TOO_LONG' }));
    expect(home.exists()).toBe(false);
  });

  it('keeps its trust once made, and refuses a broken file without replacing it', async () => {
    const home = new Home(folder);
    home.prepare();
    const user = { userId: 'usr_local', name: 'ada' };
    const trust = await ensureTrust(home, user);
    expect(await ensureTrust(home, user)).toEqual(trust);
    expect(statSync(home.keyFile('device')).mode & 0o777).toBe(0o600);
    writeFileSync(home.trustFile, '{');
    await expect(ensureTrust(home, user)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(() => readJsonFile(home.trustFile, TrustFile)).toThrow();
  });

  it('narrows the rights of a home that was open to others', () => {
    const root = join(folder, 'open');
    mkdirSync(root);
    chmodSync(root, 0o755);
    new Home(root).prepare();
    expect(statSync(root).mode & 0o777).toBe(0o700);
  });
});
