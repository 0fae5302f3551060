import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { removeHomeDatabase } from '@aileron/database';
import { aileron, RunningService } from './running-service.fixture.js';

const errorOf = (stdout: string): { code: string; action: string; details: Record<string, unknown> } =>
  (JSON.parse(stdout) as { error: { code: string; action: string; details: Record<string, unknown> } }).error;

const ANY_PORTS = ['port', 'service-port', 'workspaces-port', 'board-port'].flatMap((name) => [`--${name}`, '0']);

describe('the program refuses, says why and what to do', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'aileron-e2e-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('a home that cannot be made', async () => {
    writeFileSync(join(root, 'file'), '');
    const { code, stdout } = await aileron(['--home', join(root, 'file', 'home'), '--json', 'service', '--port', '0']);
    expect(code).toBe(73);
    expect(errorOf(stdout)).toMatchObject({ code: 'HOME_UNWRITABLE' });
  });

  it('a home too long for a socket', async () => {
    const { code, stdout } = await aileron(['--home', join(root, 'x'.repeat(90)), '--json', 'service', '--port', '0']);
    expect(code).toBe(78);
    expect(errorOf(stdout).code).toBe('HOME_PATH_TOO_LONG');
  });

  it('a port that is taken, with its holder; the next run works from the same home', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const home = join(root, 'home');
    const { code, stdout } = await aileron(['--home', home, '--json', 'service', '--port', String(port)]);
    await new Promise((resolve) => server.close(resolve));
    expect(code).toBe(75);
    expect(errorOf(stdout)).toMatchObject({
      code: 'PORT_IN_USE',
      details: { port, holder: expect.stringContaining(String(process.pid)) },
    });
    await removeHomeDatabase(home);
  }, 60_000);

  it('a demo where somebody has a vault, and ends everything that it had started', async () => {
    const running = await RunningService.start();
    try {
      await running.fillVault();
      await running.kill();
      const { code, stdout, stderr } = await aileron(
        ['--home', running.home.root, '--json', 'up', '--demo', ...ANY_PORTS],
        {
          timeoutMs: 120_000,
        },
      );
      expect({ code, said: stdout === '' ? stderr : errorOf(stdout).code }).toEqual({ code: 75, said: 'CONFLICT' });
      expect(existsSync(running.home.serviceFile)).toBe(false);
    } finally {
      await running.close();
    }
  }, 240_000);

  it('a broken trust file, without replacing it', async () => {
    const home = join(root, 'home');
    mkdirSync(home);
    writeFileSync(join(home, 'trust.json'), '{}');
    const { code, stdout } = await aileron(['--home', home, '--json', 'service', '--port', '0']);
    expect(code).toBe(78);
    expect(errorOf(stdout)).toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it.each([
    [['status'], 69, 'SERVICE_NOT_RUNNING'],
    [['approval', 'list'], 69, 'SERVICE_NOT_RUNNING'],
    [['vault', 'init', '--passphrase-file', '/nowhere'], 69, 'SERVICE_NOT_RUNNING'],
    [['service', '--port', 'ninety'], 64, 'INVALID_ARGUMENT'],
    [['service', '--upstream-map', '/nowhere'], 64, 'INVALID_ARGUMENT'],
    [['demo', '--approve', 'perhaps'], 64, 'INVALID_ARGUMENT'],
    [['launch', 'fake', '--sandbox', 'off'], 64, 'INVALID_ARGUMENT'],
  ])('%j', async (args, exit, name) => {
    const { code, stdout } = await aileron(['--home', join(root, 'home'), '--json', ...args]);
    expect({ code, name: errorOf(stdout).code }).toEqual({ code: exit, name });
    expect(errorOf(stdout).action).not.toBe('');
  });

  it('a misspelt setting, by its name and with the right one', async () => {
    const { code, stdout } = await aileron(['--json', 'status'], { env: { AILERON_HOMES: 'x' } });
    expect(code).toBe(78);
    expect(JSON.stringify(errorOf(stdout).details)).toMatch(/AILERON_HOMES.*AILERON_HOME/);
  });

  it('an unknown command, with the help', async () => {
    const { code, stderr } = await aileron(['nonsense']);
    expect(code).toBe(64);
    expect(stderr).toContain('Usage: aileron');
  });
});
