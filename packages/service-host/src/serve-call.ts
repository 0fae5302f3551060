import { create, type DescMethod, type Message, type MessageInitShape } from '@bufbuild/protobuf';
import type { AileronError } from '@aileron/errors';
import { runWithContext, type Logger } from '@aileron/telemetry';
import type { CallContext } from './call-context.js';
import { acceptRequestId, METADATA } from './metadata.js';
import type { RegisteredMethod, StreamHandler, UnaryHandler } from './method-registry.js';
import { assertVersionsAgree } from './version-agreement.js';
import { toAileronError } from './wire-error.js';

export interface IncomingCall {
  readonly registered: RegisteredMethod;
  readonly request: Message;
  readonly metadata: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly peer: string;
}

export interface ServingOptions {
  readonly version: string;
  readonly logger: Logger;
}

/** Runs a handler as every wiring does: version agreed, context set, errors mapped and logged once. */
export async function serveUnary(call: IncomingCall, options: ServingOptions): Promise<Message> {
  return inContext(call, options, async (context) => {
    const answer = await (call.registered.handle as UnaryHandler)(call.request, context);
    return answerMessage(call.registered.method, answer);
  });
}

export async function* serveStream(call: IncomingCall, options: ServingOptions): AsyncGenerator<Message> {
  const iterator = await inContext(call, options, (context) =>
    Promise.resolve((call.registered.handle as StreamHandler)(call.request, context)[Symbol.asyncIterator]()),
  );
  try {
    for (;;) {
      const next = await inContext(call, options, () => iterator.next());
      if (next.done) return;
      yield answerMessage(call.registered.method, next.value);
    }
  } finally {
    await iterator.return?.();
  }
}

const answerMessage = (method: DescMethod, answer: object): Message =>
  create(method.output, answer as MessageInitShape<typeof method.output>);

async function inContext<T>(call: IncomingCall, options: ServingOptions, run: (context: CallContext) => Promise<T>): Promise<T> {
  const { metadata, registered } = call;
  const requestId = acceptRequestId(metadata[METADATA.requestId]);
  const tenantId = metadata[METADATA.tenantId];
  return runWithContext({ requestId, tenantId, actor: call.peer }, async () => {
    try {
      assertVersionsAgree(options.version, metadata[METADATA.version]);
      return await run({ signal: call.signal, requestId, tenantId, peer: call.peer });
    } catch (thrown) {
      const error = toAileronError(thrown);
      logFailure(options.logger, registered, error);
      throw error;
    }
  });
}

/** Our own faults with their cause; what a caller did wrong only as a code. */
function logFailure(logger: Logger, { method }: RegisteredMethod, error: AileronError): void {
  const facts = { service: method.parent.typeName, method: method.name, code: error.code };
  if (error.code === 'INTERNAL') logger.error({ ...facts, err: error.cause }, 'call.failed');
  else logger.debug(facts, 'call.refused');
}
