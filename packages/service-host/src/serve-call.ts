import { create, type DescMethod, type Message, type MessageInitShape } from '@bufbuild/protobuf';
import { AileronError } from '@aileron/errors';
import { isTracing, runWithContext, withSpan, withTraceparent } from '@aileron/telemetry';
import type { CallContext } from './call-context.js';
import { unlessAborted, untilAborted, type SignalSource } from './call-signal.js';
import { encodeAnswer, isSensitive, zeroBytes } from './message-codec.js';
import { acceptRequestId, acceptTenantId, METADATA } from './metadata.js';
import type { RegisteredMethod, ServingOptions, StreamHandler, UnaryHandler } from './method-registry.js';
import type { Visit } from './service-gate.js';
import { assertVersionsAgree } from './version-agreement.js';
import { toAileronError } from './wire-error.js';

export interface IncomingCall {
  readonly registered: RegisteredMethod;
  readonly request: Message;
  readonly metadata: Readonly<Record<string, string | undefined>>;
  readonly caller: SignalSource;
  readonly deadline: number | null;
  readonly peer: string;
}

/**
 * Runs a handler as every wiring does: version agreed, context set, errors mapped and logged once. Encoded, it is sent. At
 * once, when the handler answers at once: then it costs no turn of the event loop's queues either.
 */
export function serveUnary(call: IncomingCall, options: ServingOptions): Buffer | Promise<Buffer> {
  const requestId = acceptRequestId(call.metadata[METADATA.requestId]);
  try {
    const bytes = inCall(call, requestId, (known) => runUnary(call, options, known));
    if (bytes instanceof Promise) return laterEnded(bytes, call, options, requestId);
    forgetRequest(call);
    return bytes;
  } catch (thrown) {
    forgetRequest(call);
    throw mapped(call, options, { requestId, thrown });
  }
}

async function laterEnded(bytes: Promise<Buffer>, call: IncomingCall, options: ServingOptions, requestId: string) {
  try {
    return await bytes;
  } catch (thrown) {
    throw mapped(call, options, { requestId, thrown });
  } finally {
    forgetRequest(call);
  }
}

function forgetRequest({ registered: { method }, request }: IncomingCall): void {
  if (isSensitive(method)) zeroBytes(method.input, request);
}

function runUnary(call: IncomingCall, options: ServingOptions, known: Known): Buffer | Promise<Buffer> {
  const visit = enter(call, options, 'unary');
  return visit instanceof Promise
    ? visit.then((entered) => handleUnary(call, known, entered))
    : handleUnary(call, known, visit);
}

function handleUnary(call: IncomingCall, known: Known, visit: Visit): Buffer | Promise<Buffer> {
  const startedAt = performance.now();
  try {
    const answer = (call.registered.handle as UnaryHandler)(call.request, contextOf(known, visit));
    if (answer instanceof Promise) return handledLater(call, visit, { answer, startedAt });
    const bytes = encoded(call, answer);
    leave(call, visit, startedAt);
    return bytes;
  } catch (error) {
    call.registered.meter?.failed(error);
    leave(call, visit, startedAt);
    throw error;
  }
}

async function handledLater(
  call: IncomingCall,
  visit: Visit,
  { answer, startedAt }: { answer: Promise<object>; startedAt: number },
): Promise<Buffer> {
  try {
    return encoded(call, await unlessAborted(answer, visit));
  } catch (error) {
    call.registered.meter?.failed(error);
    throw error;
  } finally {
    leave(call, visit, startedAt);
  }
}

function leave({ registered: { meter } }: IncomingCall, visit: Visit, startedAt: number): void {
  meter?.ended(performance.now() - startedAt);
  visit[Symbol.dispose]();
}

const encoded = ({ registered: { method } }: IncomingCall, answer: object): Buffer =>
  encodeAnswer(method, answerMessage(method, answer));

export async function* serveStream(call: IncomingCall, options: ServingOptions): AsyncGenerator<Buffer> {
  const { method, handle } = call.registered;
  const requestId = acceptRequestId(call.metadata[METADATA.requestId]);
  const step = async <T>(run: (known: Known) => T | Promise<T>): Promise<T> => {
    try {
      return await inCall(call, requestId, run);
    } catch (thrown) {
      throw mapped(call, options, { requestId, thrown });
    }
  };
  using visit = await step(() => enter(call, options, 'stream'));
  const iterator = await step((known) =>
    (handle as StreamHandler)(call.request, contextOf(known, visit))[Symbol.asyncIterator](),
  );
  try {
    for (;;) {
      const bytes = await step(async () => {
        const next = await untilAborted(iterator.next(), visit.signal);
        return next.done ? undefined : encodeAnswer(method, answerMessage(method, next.value));
      });
      if (bytes === undefined) return;
      yield bytes;
    }
  } finally {
    // A handler that still waits is told by the signal; nobody waits for it.
    iterator.return?.().then(undefined, () => undefined);
  }
}

const answerMessage = (method: DescMethod, answer: object): Message =>
  create(method.output, answer as MessageInitShape<typeof method.output>);

type Known = Omit<CallContext, 'signal'>;

/** The signal is made when a handler asks for it. */
const contextOf = ({ requestId, tenantId, peer, deadline }: Known, visit: SignalSource): CallContext => ({
  requestId,
  tenantId,
  peer,
  deadline,
  get signal() {
    return visit.signal;
  },
});

function enter(
  { registered, metadata, caller }: IncomingCall,
  options: ServingOptions,
  kind: 'unary' | 'stream',
): Visit | Promise<Visit> {
  assertVersionsAgree((registered.part ?? options).version, metadata[METADATA.version]);
  return registered.part?.gate.enter(kind, caller) ?? withoutGate(caller);
}

const withoutGate = (caller: SignalSource): Visit => ({
  get signal() {
    return caller.signal;
  },
  [Symbol.dispose]: () => undefined,
});

/** Runs work in the call's context, and in its trace where there is one. */
function inCall<T>(call: IncomingCall, requestId: string, run: (known: Known) => T | Promise<T>): T | Promise<T> {
  const { metadata, registered, peer, deadline } = call;
  const { parent, name, methodKind } = registered.method;
  const tenantId = acceptTenantId(metadata[METADATA.tenantId]);
  const known = { requestId, tenantId, peer, deadline: deadline ?? undefined };
  const inTenant = (): T | Promise<T> => runWithContext({ requestId, tenantId, actor: peer }, () => run(known));
  if (!isTracing()) return inTenant();
  const traced = () => withSpan(parent.typeName, name, async () => await inTenant());
  return withTraceparent(metadata[METADATA.traceparent], methodKind === 'unary' ? traced : inTenant);
}

function mapped(
  call: IncomingCall,
  options: ServingOptions,
  { requestId, thrown }: { requestId: string; thrown: unknown },
): AileronError {
  const error = toAileronError(thrown);
  logFailure(call, options, { error, requestId });
  return error;
}

/** Our own faults with their cause; what a caller did wrong only as a code. */
function logFailure(
  { registered, peer }: IncomingCall,
  options: ServingOptions,
  { error, requestId }: { error: AileronError; requestId: string },
): void {
  const { logger } = registered.part ?? options;
  const facts = {
    rpc: `${registered.method.parent.typeName}/${registered.method.name}`,
    code: error.code,
    requestId,
    peer,
  };
  if (error.code === 'INTERNAL') logger.error({ ...facts, err: error.cause }, 'call.failed');
  else logger.debug(facts, 'call.refused');
}
