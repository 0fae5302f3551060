import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CLAUDE_CODE_PACKAGE, CLAUDE_CODE_VERSION, platformPackage } from './claude-code.package.js';
import { installClaudeCode } from './claude-code.install.js';

const PATH = process.env['PATH'] ?? '/usr/bin:/bin';

describe('installing Claude Code', () => {
  let directory = '';
  let registry: Server | null = null;
  const install = (environment: Record<string, string>, signal = AbortSignal.timeout(60_000)) =>
    installClaudeCode({
      directory,
      signal,
      environment: { PATH, HOME: directory, npm_config_fetch_retries: '0', ...environment },
    });
  const registryOf = (server: Server) => ({
    npm_config_registry: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
  });
  /** npm keeps its cache and logs in the home it was given. */
  const left = async () => (await readdir(directory)).filter((name) => name !== '.npm');

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'aileron-install-'));
  });
  afterEach(async () => {
    registry?.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('says that npm is missing', async () => {
    await expect(install({ PATH: '/nonexistent' })).rejects.toMatchObject({
      code: 'AGENT_UNAVAILABLE',
      details: { reason: expect.stringContaining('npm is missing') },
    });
    expect(await left()).toEqual([]);
  });

  it('names the cause when the registry cannot be reached, and leaves nothing', async () => {
    await expect(install({ npm_config_registry: 'http://127.0.0.1:9/' })).rejects.toMatchObject({
      code: 'AGENT_UNAVAILABLE',
      details: { reason: expect.stringContaining('ECONNREFUSED') },
    });
    expect(await left()).toEqual([]);
  });

  it('ends at once when it is called off', async () => {
    registry = createServer(() => undefined).listen(0);
    await expect(install(registryOf(registry), AbortSignal.timeout(1_500))).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    registry.closeAllConnections();
    expect(await left()).toEqual([]);
  });

  it('refuses another package under the same name and version', async () => {
    registry = await forgedRegistry();
    await expect(install(registryOf(registry))).rejects.toMatchObject({
      code: 'AGENT_UNAVAILABLE',
      details: { reason: expect.stringContaining('another') },
    });
    expect(await left()).toEqual([]);
  });

  it('runs on the machines whose digests are known', () => {
    expect(platformPackage({ platform: 'linux', arch: 'x64' })).toBe('@anthropic-ai/claude-code-linux-x64');
    expect(platformPackage({ platform: 'linux', arch: 'arm64' })).toBe('@anthropic-ai/claude-code-linux-arm64');
    expect(platformPackage({ platform: 'win32', arch: 'x64' })).toBeNull();
  });
});

/** A registry that is consistent in itself: only who knows the true digests notices. */
async function forgedRegistry(): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'aileron-forged-'));
  const manifest = { name: CLAUDE_CODE_PACKAGE, version: CLAUDE_CODE_VERSION };
  await mkdir(join(folder, 'package'));
  await writeFile(join(folder, 'package', 'package.json'), JSON.stringify(manifest));
  await promisify(execFile)('tar', ['czf', 'forged.tgz', 'package'], { cwd: folder });
  const tarball = await readFile(join(folder, 'forged.tgz'));
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  const server = createServer((request, response) => {
    if (request.url?.endsWith('.tgz') === true) return void response.end(tarball);
    const dist = { tarball: `http://${request.headers.host}/forged.tgz`, integrity };
    const packument = {
      name: CLAUDE_CODE_PACKAGE,
      'dist-tags': { latest: CLAUDE_CODE_VERSION },
      versions: { [CLAUDE_CODE_VERSION]: { ...manifest, dist } },
    };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(packument));
  });
  return server.listen(0);
}
