import { randomUUID } from 'node:crypto';
import { chmod, cp, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isDatabaseReachable } from '../database-health.js';
import { EmbeddedPostgres } from './embedded-postgres.js';
import { endLeftServer } from './running-server.js';

let home: string;
const servers: EmbeddedPostgres[] = [];

const startServer = async (options: { home?: string; supervise?: boolean } = {}) => {
  const server = await EmbeddedPostgres.start({ home, durable: false, supervise: false, ...options });
  servers.push(server);
  return server;
};

const until = async (condition: () => Promise<boolean>) => {
  const deadline = performance.now() + 15_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('it did not come to be');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

beforeEach(async () => {
  home = await mkdtemp(join(await realpath(tmpdir()), 'aileron-home-'));
});

afterEach(async () => {
  for (const server of servers.splice(0)) await server.destroy();
  await rm(home, { recursive: true, force: true });
});

describe('EmbeddedPostgres', () => {
  it('keeps its passwords in the home for the owner only, and refuses a wrong one', async () => {
    const server = await startServer();
    expect((await stat(join(home, 'postgres.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(server.dataDirectory)).mode & 0o077).toBe(0);
    const password = new URL(server.adminUrl()).password;
    expect(password.length).toBeGreaterThanOrEqual(43);
    expect(await isDatabaseReachable({ url: server.adminUrl() })).toBe(true);
    expect(await isDatabaseReachable({ url: server.adminUrl().replace(password, 'x'.repeat(43)) })).toBe(false);
    expect(await readFile(join(home, 'logs/postgres.log'), 'utf8')).not.toContain(password);
  });

  it('listens on no TCP port', async () => {
    const server = await startServer();
    const [, , , port] = (await readFile(join(server.dataDirectory, 'postmaster.pid'), 'utf8')).split('\n');
    const refused = await new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port: Number(port) });
      socket.once('connect', () => socket.destroy(resolve(false) as never));
      socket.once('error', () => resolve(true));
    });
    expect(refused).toBe(true);
  });

  it('ends a server that a killed service left behind, and starts', async () => {
    const left = await startServer();
    const again = await startServer();
    expect(again.pid).not.toBe(left.pid);
    expect(await isDatabaseReachable({ url: again.adminUrl() })).toBe(true);
  });

  it('starts after its server was killed, with the pid file still there', async () => {
    const server = await startServer();
    process.kill(server.pid!, 'SIGKILL');
    const again = await startServer();
    expect(await isDatabaseReachable({ url: again.adminUrl() })).toBe(true);
  });

  it('does not harm a stranger who got the number in a stale pid file', async () => {
    const server = await startServer();
    await server.stop();
    const pidFile = join(server.dataDirectory, 'postmaster.pid');
    await writeFile(pidFile, `${process.pid}\n${server.dataDirectory}\n`);
    expect(await endLeftServer(server.dataDirectory)).toBeNull();
    await expect(stat(pidFile)).rejects.toThrow('ENOENT');
    await server.start();
    expect(await isDatabaseReachable({ url: server.adminUrl() })).toBe(true);
  });

  it('starts its server again when that dies, if it supervises', async () => {
    const server = await startServer({ supervise: true });
    process.kill(server.pid!, 'SIGKILL');
    await until(() => isDatabaseReachable({ url: server.adminUrl() }));
    await server.stop();
    expect(await isDatabaseReachable({ url: server.adminUrl() })).toBe(false);
  });

  it('starts its server again however often it dies, and ends in between when it is told to', async () => {
    const server = await startServer({ supervise: true });
    const killOnce = async (): Promise<number> => {
      const pid = server.pid ?? 0;
      process.kill(pid, 'SIGKILL');
      await until(async () => server.pid !== pid);
      return pid;
    };
    for (let deaths = 1; deaths <= 6; deaths++) {
      await killOnce();
      await until(async () => server.pid !== undefined);
    }
    await killOnce();
    await server.stop();
    expect(server.pid).toBeUndefined();
  }, 60_000);

  it('refuses a copy of a home whose original is still there, and follows a moved one', async () => {
    const server = await startServer();
    const copy = `${home}-copy`;
    await cp(join(home, 'postgres.json'), join(copy, 'postgres.json'));
    await chmod(copy, 0o700);
    await expect(startServer({ home: copy })).rejects.toMatchObject({ code: 'HOME_IN_USE' });
    await server.stop();
    await rm(copy, { recursive: true });
    await cp(home, copy, { recursive: true });
    await rm(home, { recursive: true });
    const moved = await startServer({ home: copy });
    expect(await isDatabaseReachable({ url: moved.adminUrl() })).toBe(true);
    await moved.destroy();
    await rm(copy, { recursive: true });
  });

  it('says that a home cannot be written, naming it', async () => {
    const file = join(home, randomUUID());
    await writeFile(file, '');
    await expect(startServer({ home: join(file, 'home') })).rejects.toMatchObject({ code: 'HOME_UNWRITABLE' });
  });

  it('does not show the password when its settings cannot be read', async () => {
    const server = await startServer();
    const settings = await readFile(join(home, 'postgres.json'), 'utf8');
    await writeFile(join(home, 'postgres.json'), `${settings},`);
    const error = await startServer().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    expect((error as Error).cause).toBeUndefined();
    await writeFile(join(home, 'postgres.json'), settings);
    await server.stop();
  });
});
