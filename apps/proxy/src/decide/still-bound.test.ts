import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AileronError, type ErrorCode } from '@aileron/errors';
import { type RawUpstream, startRawUpstream } from '@aileron/testing';
import { ANTHROPIC, message, openTunnel, requestText, TestWorld, until } from '../proxy.fixture.js';
import { isStillBound } from './still-bound.js';

const STREAM = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n3\r\n:\n\n\r\n';

describe('a stream whose vault changes', () => {
  let world: TestWorld;
  let upstream: RawUpstream;
  beforeAll(async () => {
    upstream = await startRawUpstream(ANTHROPIC, {
      onConnection: (socket) => void socket.on('data', () => socket.write(STREAM)),
    });
    world = await TestWorld.start({}, async (before) => void (before.anthropicUpstream = upstream));
  });
  afterAll(async () => {
    await world.close();
    await upstream.close();
  });

  async function stream() {
    const session = await world.session();
    const client = await openTunnel(session, ANTHROPIC);
    client.write(requestText(ANTHROPIC, message(true)));
    await until(async () => (await client.read(1)).length > 0);
    const outcome = async () =>
      (await world.records(session.info.sessionId)).find(({ kind }) => kind === 'outcome')?.['outcome'];
    return { session, client, outcome };
  }

  it('goes on while its credential is the same', async () => {
    const { client, session } = await stream();
    const { resolves } = world.credentials;
    world.management.tellVaultsChanged();
    await until(() => world.credentials.resolves >= resolves + 2);
    expect(client.socket.destroyed).toBe(false);
    world.management.endSession(session.info.sessionId);
    await client.ended();
  });

  it.each<[string, () => void]>([
    ['another one is put in its place', () => world.credentials.put('anthropic', 'sk-other')],
    ['it is taken out', () => void world.credentials.secrets.delete('anthropic')],
  ])('is cut when %s', async (_, change) => {
    const { client, outcome } = await stream();
    change();
    world.management.tellVaultsChanged();
    await client.ended();
    await until(async () => (await outcome()) !== undefined);
    expect(await outcome()).toMatchObject({ state: 'cut' });
  });
});

describe('isStillBound', () => {
  const used = { vaultId: 'vlt_a', credentialId: 'crd_a', version: 1 };
  const use = {
    tenantId: 'ten_a',
    sessionId: 'ses_a',
    connector: 'linear',
    operation: 'linear.viewer',
    host: 'api.linear.app',
    signal: new AbortController().signal,
  };
  const asked = (...answers: (typeof used | ErrorCode)[]) => {
    const resolve = async () => {
      const answer = answers.shift() ?? 'INTERNAL';
      if (typeof answer === 'string') throw new AileronError(answer);
      return answer;
    };
    return isStillBound({ credentials: { resolve }, use, used });
  };

  it('waits for somebody who can tell', async () => {
    expect(await asked('UNAVAILABLE', 'DEADLINE_EXCEEDED', used)).toBe(true);
    expect(await asked('UNAVAILABLE', { ...used, version: 2 })).toBe(false);
  });

  it.each<ErrorCode>(['CREDENTIAL_NOT_BOUND', 'LEASE_MISSING', 'INTERNAL'])('is not so after %s', async (code) => {
    expect(await asked(code, used)).toBe(false);
  });
});
