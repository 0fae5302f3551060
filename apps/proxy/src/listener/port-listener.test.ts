import { afterEach, describe, expect, it } from '@jest/globals';
import { AileronError } from '@aileron/errors';
import { connectHead, RawClient, TestAuthority } from '@aileron/testing';
import type { ProxyHandlers, RefusalRecord, SessionIdentity } from '../exchange.js';
import { UpstreamDialler } from '../upstream/upstream-dialler.js';
import { openPortListener, type PortListener, type PortListenerOptions } from './port-listener.js';
import { RefusalThrottle } from './refusal-throttle.js';
import { echo, until } from './wire.fixture.js';

type Options = Partial<PortListenerOptions<SessionIdentity>>;
const never = (): never => {
  throw new Error('not asked in these tests');
};

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A port whose tokens are the ids of sessions; `refused` holds what went on record. */
async function open(options: Options = {}) {
  const refused: RefusalRecord<SessionIdentity>[] = [];
  const handlers: ProxyHandlers<SessionIdentity> = {
    authenticate: ({ proxyAuthorization }) => {
      const sessionId = /^Bearer (ses_[a-z]+)$/.exec(proxyAuthorization ?? '')?.[1];
      if (sessionId === undefined) throw new AileronError('PROXY_AUTHENTICATION_REQUIRED');
      return { tenantId: 'ten_test', sessionId };
    },
    tunnelDecision: () => 'splice',
    onTunnel: () => undefined,
    sessionCa: never,
    handleExchange: never,
    handleAgentApi: async (caller, ...exchange) => await echo(caller, ...exchange),
    onEgress: () => undefined,
    onRefusal: (record) => void refused.push(record),
  };
  const listener = await openPortListener({
    host: '127.0.0.1',
    port: 0,
    reusePort: false,
    tls: null,
    bounds: { maxConnections: 100, maxUnauthenticated: 10 },
    handlers,
    dialler: new UpstreamDialler({ resolver: { resolve: never } }),
    clock: { now: () => Date.now() },
    ...options,
  });
  closing.push(() => listener.close());
  return { listener, refused };
}

const client = ({ port }: PortListener) => RawClient.connect({ port });
const head = (sessionId: string) =>
  connectHead('open.example:443').replace('\r\n\r\n', `\r\nProxy-Authorization: Bearer ${sessionId}\r\n\r\n`);

async function tunnel(listener: PortListener, sessionId: string) {
  const opened = await client(listener);
  opened.write(head(sessionId));
  return { opened, status: (await opened.readResponse('CONNECT')).status };
}

describe('a connection to the port', () => {
  it('that says nothing, or half a head, is closed', async () => {
    const { listener } = await open({ limits: { idleMs: 100, headMs: 100 } });
    const [silent, slow] = [await client(listener), await client(listener)];
    slow.write(head('ses_a').slice(0, 40));
    await Promise.all([silent.ended(), slow.ended()]);
    await until(() => listener.connections === 0);
  });

  it('that begins a TLS handshake and does not end it is closed', async () => {
    const { cert, key } = await (await TestAuthority.create('port')).issue(['proxy.test']);
    const { listener } = await open({
      tls: { certificatePem: cert, privateKeyPem: key },
      limits: { handshakeMs: 100 },
    });
    const slow = await client(listener);
    slow.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]));
    await slow.ended();
    await until(() => listener.connections === 0);
  });

  it('of a session that has as many as it may is refused, on its record; another session’s is not', async () => {
    const { listener, refused } = await open({ limits: { maxConnections: 2 } });
    const held = [await tunnel(listener, 'ses_a'), await tunnel(listener, 'ses_a')];
    expect((await tunnel(listener, 'ses_a')).status).toBe(429);
    expect((await tunnel(listener, 'ses_b')).status).toBe(200);
    expect(refused).toMatchObject([{ session: { sessionId: 'ses_a' }, error: { code: 'RATE_LIMITED' } }]);
    held[0]?.opened.close();
    await until(() => listener.connections === 2);
    expect((await tunnel(listener, 'ses_a')).status).toBe(200);
  });

  it('is cut with its session, and with no other', async () => {
    const { listener } = await open();
    const [a, b] = [await tunnel(listener, 'ses_a'), await tunnel(listener, 'ses_b')];
    listener.cut('ses_a');
    await a.opened.ended();
    expect(b.opened.socket.readableEnded).toBe(false);
  });

  it('belongs to the session that it showed last', async () => {
    const { listener } = await open();
    const moving = await client(listener);
    for (const sessionId of ['ses_a', 'ses_b']) {
      moving.write(`GET /v1/self/status HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${sessionId}\r\n\r\n`);
      expect((await moving.readResponse()).status).toBe(200);
    }
    listener.cut('ses_a');
    moving.write('GET /v1/self/status HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ses_b\r\n\r\n');
    expect((await moving.readResponse()).status).toBe(200);
    listener.cut('ses_b');
    await moving.ended();
  });

  it('that is open goes on while no new one is taken', async () => {
    const { listener } = await open();
    const first = await client(listener);
    first.write('GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ses_a\r\n\r\n');
    await first.readResponse();
    listener.stopListening();
    await expect(client(listener)).rejects.toThrow(/ECONNREFUSED/);
    first.write('GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ses_a\r\n\r\n');
    expect((await first.readResponse()).status).toBe(200);
  });

  it('cannot be had with a certificate that is none: the field is named', async () => {
    const wrong = open({ tls: { certificatePem: 'x', privateKeyPem: 'y' } });
    await expect(wrong).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      details: { fields: [{ field: 'listen.tls' }] },
    });
  });
});

describe('RefusalThrottle', () => {
  it('passes a burst, then one a second that says how many there were', () => {
    const time = { now: 0 };
    const throttle = new RefusalThrottle({ now: () => time.now });
    const error = new AileronError('PROXY_AUTHENTICATION_REQUIRED');
    const passed = Array.from({ length: 100 }, () => throttle.pass(error)).filter((each) => each !== null);
    expect(passed).toHaveLength(20);
    time.now += 1_000;
    expect(throttle.pass(error)).toMatchObject({
      code: error.code,
      details: { reason: 'not authenticated; 80 more before it' },
    });
    expect(throttle.pass(error)).toBeNull();
    time.now += 60_000;
    expect(Array.from({ length: 30 }, () => throttle.pass(error)).filter((each) => each !== null)).toHaveLength(20);
  });
});
