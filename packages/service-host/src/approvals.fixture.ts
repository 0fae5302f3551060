import { ApprovalState, type ApprovalService, type DecryptService } from '@aileron/contracts/grpc';
import { AileronError } from '@aileron/errors';
import { currentContext } from '@aileron/telemetry';
import { z } from 'zod';
import type { CallContext } from './call-context.js';
import { LARGEST_MESSAGE_BYTES } from './message-codec.js';
import type { ServiceImpl } from './service-impl.js';

type Methods = ServiceImpl<typeof ApprovalService>;
type Request<M extends keyof Methods> = Parameters<Methods[M]>[0];

/** Does what its request names, and remembers what it saw. */
export class ApprovalFixture implements Methods {
  streamed = 0;
  streamEnded = Promise.withResolvers<void>();
  /** Resolves with the reason when a hanging handler is told to stop. */
  cancelled = Promise.withResolvers<unknown>();
  entered = Promise.withResolvers<void>();
  contexts: (CallContext & { current: unknown })[] = [];

  reset(): void {
    this.streamEnded = Promise.withResolvers<void>();
    this.cancelled = Promise.withResolvers<unknown>();
    this.entered = Promise.withResolvers<void>();
  }

  async request(request: Request<'request'>, context: CallContext) {
    this.contexts.push({ ...context, current: currentContext() });
    switch (request.rule) {
      case 'details':
        throw new AileronError('APPROVAL_DENIED', { reason: 'no', count: 3 }, { cause: new Error('the hidden cause') });
      case 'large-details':
        throw new AileronError('APPROVAL_DENIED', { reason: 'x'.repeat(100_000) });
      case 'zod':
        z.object({ name: z.string(), list: z.array(z.object({ n: z.int() })) }).parse({ name: 1, list: [{ n: 0.5 }] });
        break;
      case 'unknown':
        throw new TypeError('the hidden cause');
      case 'throws-text':
        // What a careless library does.
        // oxlint-disable-next-line typescript/only-throw-error
        throw 'the hidden cause';
      case 'hang':
        await this.hang(context);
        break;
      case 'huge':
        return { preview: new Uint8Array(LARGEST_MESSAGE_BYTES + 1) };
    }
    return { approvalId: 'apr_1', digest: request.digest, state: ApprovalState.PENDING };
  }

  async *watch({ approvalId }: Request<'watch'>, context: CallContext) {
    this.streamed = 0;
    this.contexts.push({ ...context, current: currentContext() });
    try {
      if (approvalId === 'silent') await this.hang(context);
      for (let i = 0; i < 1_000; i++) {
        if (approvalId === 'fail' && i === 3)
          throw new AileronError('NOT_FOUND', { approvalId: 'fail' }, { cause: new Error('the hidden cause') });
        if (approvalId === 'then-silent' && i === 1) await this.hang(context);
        this.streamed++;
        yield { approvalId: String(i), preview: new Uint8Array(approvalId === 'big' ? 65_536 : 1) };
      }
    } finally {
      this.streamEnded.resolve();
    }
  }

  consume = async () => ({});
  listBySession = async () => ({});

  /** Waits for ever, whatever the signal says: a handler that does not listen must not hold its caller. */
  private async hang({ signal }: CallContext): Promise<void> {
    signal.addEventListener('abort', () => this.cancelled.resolve(signal.reason));
    this.entered.resolve();
    await new Promise(() => undefined);
  }
}

/** Answers with what it was given, and keeps hold of every buffer that it saw or made. */
export class DecryptFixture implements ServiceImpl<typeof DecryptService> {
  readonly answered: Uint8Array[] = [];
  readonly received: Uint8Array[] = [];

  resolve = async () => ({});
  async decrypt({ credentialId }: { credentialId: string }) {
    const secret = new Uint8Array(Buffer.from(credentialId));
    this.answered.push(secret);
    return { secret };
  }
  async sealState({ plaintext }: { plaintext: Uint8Array }) {
    this.received.push(plaintext);
    return { sealed: plaintext.toReversed() };
  }
  async unsealState({ sealed }: { sealed: Uint8Array }) {
    this.received.push(sealed);
    // The very bytes of the request: they must survive until they are sent.
    return { plaintext: sealed };
  }
}
