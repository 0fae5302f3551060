import { execFileSync } from 'node:child_process';
import { mkdtemp, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { openSessionListener, type SessionListener } from './session-listener.js';
import { UpstreamDialler } from '../upstream/upstream-dialler.js';
import type { ProxyHandlers, SessionIdentity } from '../exchange.js';
import { until, WireProxy } from './wire.fixture.js';

const never = (): never => {
  throw new Error('not asked in these tests');
};
const handlers: ProxyHandlers<SessionIdentity> = {
  authenticate: never,
  tunnelDecision: never,
  onTunnel: never,
  sessionCa: never,
  handleExchange: never,
  handleAgentApi: never,
  onEgress: never,
  onRefusal: never,
};
const open = (path: string): Promise<SessionListener> => {
  const dialler = new UpstreamDialler({ resolver: { resolve: never } });
  return openSessionListener({ path, sessionId: 'ses_a', handlers, dialler, clock: { now: () => 0 } });
};
const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'ail-'));

describe('openSessionListener', () => {
  const listeners: SessionListener[] = [];
  afterEach(async () => {
    await Promise.all(listeners.splice(0).map((listener) => listener.close()));
  });

  it('makes folder and socket for this user alone, and removes the socket at the end', async () => {
    const path = join(await folder(), 'run', 'proxy.sock');
    const listener = await open(path);
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await listener.close();
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('takes a path of 107 bytes and says so when it is longer', async () => {
    const root = await folder();
    const longest = join(root, `${'x'.repeat(107 - root.length - 1)}`);
    listeners.push(await open(longest));
    await expect(open(`${longest}x`)).rejects.toMatchObject({ code: 'HOME_PATH_TOO_LONG', details: { bytes: 108 } });
  });

  it('replaces the socket of a process that was killed', async () => {
    const path = join(await folder(), 'proxy.sock');
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    expect(() => execFileSync(process.execPath, ['-e', script], { env: {} })).toThrow();
    expect((await stat(path)).isSocket()).toBe(true);
    listeners.push(await open(path));
  });

  it('leaves a socket alone on which somebody answers, and a file that is none', async () => {
    const path = join(await folder(), 'proxy.sock');
    listeners.push(await open(path));
    await expect(open(path)).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    const file = join(await folder(), 'proxy.sock');
    await writeFile(file, 'precious');
    await expect(open(file)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('serves no more connections of a session than the limit', async () => {
    const proxy = await WireProxy.start({ limits: { maxConnections: 2 } });
    const clients = await Promise.all([proxy.raw(), proxy.raw(), proxy.raw()]);
    await until(() => clients.filter(({ socket }) => socket.destroyed || socket.readableEnded).length === 1);
    expect(proxy.listener.connections).toBe(2);
    await proxy.stop();
  });
});
