import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { AileronError, type ErrorCode } from '@aileron/errors';
import { connectHead, RawClient } from '@aileron/testing';
import { OWNED, TOKEN, WireProxy } from '../listener/wire.fixture.js';
import { ByteSource } from '../parse/byte-source.js';
import { answerAndClose } from './answer-and-close.js';

const ending: (() => unknown)[] = [];
afterEach(() => Promise.all(ending.splice(0).map((end) => end())));

/** What an agent reads when a connection is refused with this. */
async function refusedWith(error: AileronError) {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    answerAndClose({ socket, source: new ByteSource(socket), error, lingerMs: 1_000 });
  });
  ending.push(() => new Promise((resolve) => server.close(resolve)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  using client = await RawClient.connect({ host: '127.0.0.1', port }, { deadlineMs: 30_000 });
  return await client.readResponse();
}

describe('a refusal in a tunnel or of one', () => {
  it.each<ErrorCode>(['LEASE_MISSING', 'LEASE_EXPIRED', 'ENFORCEMENT_UNAVAILABLE', 'UNAVAILABLE', 'RATE_LIMITED'])(
    'with %s says when to try again',
    async (code) => {
      const answer = await refusedWith(new AileronError(code));
      expect(answer.header('retry-after')).toBe('2');
      expect(answer.json()).toMatchObject({ code, retryAfterSeconds: 2 });
    },
  );

  it('says the time that the error names', async () => {
    const answer = await refusedWith(new AileronError('RATE_LIMITED', { retryAfterSeconds: 7 }));
    expect(answer.header('retry-after')).toBe('7');
  });

  it.each<ErrorCode>(['POLICY_DENIED', 'FIREWALL_REFUSED', 'TARGET_MISMATCH', 'SESSION_ENDED'])(
    'with %s does not invite to try again',
    async (code) => expect((await refusedWith(new AileronError(code))).header('retry-after')).toBeUndefined(),
  );

  it('says so too when what handles a request inside the tunnel fails', async () => {
    const proxy = await WireProxy.start({
      exchange: async () => {
        throw new AileronError('UNAVAILABLE');
      },
    });
    ending.push(() => proxy.stop());
    const answer = await proxy.request(`GET / HTTP/1.1\r\nHost: ${OWNED}\r\n\r\n`);
    expect([answer.status, answer.header('retry-after')]).toEqual([503, '2']);
    const { response } = await proxy.connect(connectHead(`${OWNED}:443`, `${TOKEN}-of-another`));
    expect([response.status, response.header('retry-after')]).toEqual([407, undefined]);
  });
});
