import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ApprovalService, ApprovalState, DecryptService } from '@aileron/contracts/grpc';
import { AileronError } from '@aileron/errors';
import { runWithContext } from '@aileron/telemetry';
import { ApprovalFixture, DecryptFixture } from './approvals.fixture.js';
import { createClient } from './client.js';
import { LARGEST_MESSAGE_BYTES } from './message-codec.js';
import { MethodRegistry } from './method-registry.js';
import { LogLines, VERSION, wirings, type Wiring } from './wirings.fixture.js';

const thrownBy = (call: Promise<unknown>): Promise<AileronError> =>
  call.then(
    () => Promise.reject(new Error('did not throw')),
    (thrown: AileronError) => thrown,
  );

/** Everything that an error shows of itself. */
const shown = (error: AileronError) =>
  [error.stack, JSON.stringify(error), JSON.stringify(error.details), String(error.cause)].join();

describe.each(Object.entries(wirings))('a call %s', (_, wire) => {
  const fixture = new ApprovalFixture();
  const vault = new DecryptFixture();
  const log = new LogLines();
  let wiring: Wiring;
  const client = (version = VERSION) => createClient(ApprovalService, wiring.transport, { version });
  const decrypt = () => createClient(DecryptService, wiring.transport, { version: VERSION });
  beforeAll(async () => {
    const registry = new MethodRegistry();
    registry.add(ApprovalService, fixture);
    registry.add(DecryptService, vault);
    wiring = await wire(registry, log);
  });
  beforeEach(() => fixture.reset());
  afterAll(() => wiring.close());

  describe('that is answered', () => {
    it('carries the message', async () => {
      const answer = await client().request({ digest: Uint8Array.of(1, 2, 3) });
      expect(answer).toMatchObject({
        $typeName: 'aileron.mgmt.v1.Approval',
        approvalId: 'apr_1',
        state: ApprovalState.PENDING,
      });
      expect([...answer.digest]).toEqual([1, 2, 3]);
    });

    it('tells the handler who calls for whom, until when', async () => {
      const before = Date.now();
      const context = { requestId: 'req_test', tenantId: 'ten_a', actor: 'x' };
      await runWithContext(context, () => client().request({}));
      const seen = fixture.contexts.at(-1);
      expect(seen).toMatchObject({ requestId: 'req_test', tenantId: 'ten_a', peer: wiring.peer });
      expect(seen?.current).toEqual({ requestId: 'req_test', tenantId: 'ten_a', actor: wiring.peer });
      expect(seen?.deadline).toBeGreaterThanOrEqual(before + 4_000);
      expect(seen?.deadline).toBeLessThanOrEqual(Date.now() + 5_500);
      await client().request({}, { tenantId: 'ten_b', deadlineMs: 60_000 });
      expect(fixture.contexts.at(-1)).toMatchObject({
        tenantId: 'ten_b',
        requestId: expect.stringMatching(/^req_[0-9a-f]{32}$/),
      });
    });

    it.each(['', 'a b', 'ten\r\nx', 'tén', 'x'.repeat(65)])('is not made for the tenant %j', async (tenantId) => {
      await expect(client().request({}, { tenantId })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    });
  });

  describe('that is refused', () => {
    it('carries code and details, never the cause', async () => {
      const error = await thrownBy(client().request({ rule: 'details' }));
      expect(error).toBeInstanceOf(AileronError);
      expect(error).toMatchObject({ code: 'APPROVAL_DENIED', details: { reason: 'no', count: 3 } });
      expect(shown(error)).not.toContain('hidden');
    });

    it('names the fields of invalid input', async () => {
      const error = await thrownBy(client().request({ rule: 'zod' }));
      expect(error).toMatchObject({
        code: 'INVALID_ARGUMENT',
        details: { fields: [{ field: 'name' }, { field: 'list.0.n' }] },
      });
    });

    it.each(['unknown', 'throws-text'])('hides what it does not know (%s), and logs it', async (rule) => {
      log.lines.length = 0;
      const error = await thrownBy(client().request({ rule }));
      expect(error).toMatchObject({ code: 'INTERNAL', details: {} });
      expect(shown(error)).not.toContain('hidden');
      expect(log.text()).toContain('the hidden cause');
      expect(log.text()).toContain('"msg":"call.failed"');
    });

    it('leaves details behind that are too large to send', async () => {
      expect(await thrownBy(client().request({ rule: 'large-details' }))).toMatchObject({
        code: 'APPROVAL_DENIED',
        details: {},
      });
    });

    it('says how large a message may be, in both directions', async () => {
      const tooLarge = { code: 'PAYLOAD_TOO_LARGE', details: { limitBytes: LARGEST_MESSAGE_BYTES } };
      await expect(client().request({ preview: new Uint8Array(LARGEST_MESSAGE_BYTES + 1) })).rejects.toMatchObject(
        tooLarge,
      );
      await expect(client().request({ rule: 'huge' })).rejects.toMatchObject(tooLarge);
    });

    it.each(['0.0.9', '0.1.7', '0.2.4'])('is not for a caller of version %s', async (version) => {
      await expect(client(version).consume({})).resolves.toBeDefined();
    });

    it.each(['0.3.0', '1.1.0', 'nonsense', ''])(
      'is for a caller of version %j, with both versions named',
      async (version) => {
        const mismatch = {
          code: 'VERSION_MISMATCH',
          details: { own: VERSION, peer: version === '' ? expect.anything() : version },
        };
        await expect(client(version).consume({})).rejects.toMatchObject(mismatch);
        const reading = client(version).watch({ approvalId: 'all' })[Symbol.asyncIterator]().next();
        await expect(reading).rejects.toMatchObject(mismatch);
      },
    );
  });

  describe('that takes too long', () => {
    it('ends at its deadline, and the handler is told', async () => {
      await expect(client().request({ rule: 'hang' }, { deadlineMs: 50 })).rejects.toMatchObject({
        code: 'DEADLINE_EXCEEDED',
      });
      await fixture.cancelled.promise;
    });

    it('has a deadline also when it names none', async () => {
      const hasty = createClient(ApprovalService, wiring.transport, { version: VERSION, deadlineMs: 50 });
      await expect(hasty.request({ rule: 'hang' })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
      const silent = hasty.watch({ approvalId: 'silent' })[Symbol.asyncIterator]().next();
      await expect(silent).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    });

    it('ends when the caller cancels, and the handler is told', async () => {
      const controller = new AbortController();
      const call = client().request({ rule: 'hang' }, { signal: controller.signal });
      await Promise.race([fixture.entered.promise, call]);
      controller.abort();
      await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
      await fixture.cancelled.promise;
    });

    it('does not begin when the caller has gone already', async () => {
      const seen = fixture.contexts.length;
      const signal = AbortSignal.abort();
      await expect(client().request({ rule: 'hang' }, { signal })).rejects.toMatchObject({ code: 'CANCELLED' });
      const reading = client().watch({ approvalId: 'silent' }, { signal })[Symbol.asyncIterator]().next();
      await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' });
      expect(fixture.contexts.length - seen).toBeLessThanOrEqual(2);
    });
  });

  describe('that streams', () => {
    it('arrives in order, whole', async () => {
      const seen: string[] = [];
      for await (const { approvalId } of client().watch({ approvalId: 'all' })) seen.push(approvalId);
      expect(seen).toEqual(Array.from({ length: 1_000 }, (__, i) => String(i)));
    });

    it('carries its error after what came before it', async () => {
      const seen: string[] = [];
      const read = async () => {
        for await (const { approvalId } of client().watch({ approvalId: 'fail' })) seen.push(approvalId);
      };
      const error = await thrownBy(read());
      expect(error).toMatchObject({ code: 'NOT_FOUND', details: { approvalId: 'fail' } });
      expect(shown(error)).not.toContain('hidden');
      expect(seen).toEqual(['0', '1', '2']);
    });

    it('holds the handler back while nobody reads, and ends it when the reader leaves', async () => {
      for await (const { approvalId } of client().watch({ approvalId: 'big' })) {
        expect(approvalId).toBe('0');
        break;
      }
      await fixture.streamEnded.promise;
      expect(fixture.streamed).toBeLessThan(500);
    });

    it('ends a handler that waits when the reader leaves, cancels, or its deadline comes', async () => {
      for (const end of ['leave', 'cancel', 'deadline']) {
        fixture.reset();
        const controller = new AbortController();
        const options = end === 'deadline' ? { deadlineMs: 100 } : { signal: controller.signal };
        const stream = client().watch({ approvalId: 'then-silent' }, options)[Symbol.asyncIterator]();
        expect((await stream.next()).value?.approvalId).toBe('0');
        if (end === 'leave') {
          await stream.return?.();
          await Promise.race([fixture.streamEnded.promise, fixture.cancelled.promise]);
          continue;
        }
        const next = thrownBy(stream.next());
        await fixture.entered.promise;
        if (end === 'cancel') controller.abort();
        expect((await next).code).toBe(end === 'cancel' ? 'CANCELLED' : 'DEADLINE_EXCEEDED');
        await fixture.cancelled.promise;
      }
    });
  });

  describe('that carries a secret', () => {
    const text = () => `secret-${randomBytes(24).toString('base64url')}`;
    const overwritten = (bytes: Uint8Array | undefined) =>
      bytes !== undefined && bytes.length > 0 && bytes.every((byte) => byte === 0);
    const nextTurn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

    it('arrives, and what the handler answered with is overwritten', async () => {
      for (const secret of [text(), 'x', 'y'.repeat(8_192)]) {
        const answer = await decrypt().decrypt({ credentialId: secret });
        await nextTurn();
        expect(Buffer.from(answer.secret).toString()).toBe(secret);
        expect(overwritten(vault.answered.at(-1))).toBe(true);
      }
    });

    it('arrives in bytes that are the caller’s alone', async () => {
      const [a, b] = [
        await decrypt().decrypt({ credentialId: 'aaaaaaaa' }),
        await decrypt().decrypt({ credentialId: 'bbbbbbbb' }),
      ];
      a.secret.fill(0);
      expect(Buffer.from(b.secret).toString()).toBe('bbbbbbbb');
    });

    it('leaves the caller’s bytes alone, and overwrites the handler’s when it is done', async () => {
      const plaintext = Buffer.from(text());
      const copy = Buffer.from(plaintext);
      const { sealed } = await decrypt().sealState({ plaintext });
      expect(plaintext.equals(copy)).toBe(true);
      expect(Buffer.from(sealed).equals(copy.reverse())).toBe(true);
      expect(overwritten(vault.received.at(-1))).toBe(true);
    });

    it('may answer with the bytes of its request', async () => {
      const sealed = Buffer.from(text());
      expect(Buffer.from((await decrypt().unsealState({ sealed })).plaintext).equals(sealed)).toBe(true);
      await nextTurn();
      expect(overwritten(vault.received.at(-1))).toBe(true);
    });
  });
});
