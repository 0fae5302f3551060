import { type DescMethod, type Message } from '@bufbuild/protobuf';
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

/** Makes of a handler's answer what leaves: its bytes, or a copy. The answer is not looked at afterwards. */
type Send<T> = (method: DescMethod, answer: object) => T;

/**
 * Runs a handler as every wiring does: version agreed, context set, errors mapped and logged once. At once, when the handler
 * answers at once: then it costs no turn of the event loop's queues either.
 */
export function serveUnary<T extends object>(
  call: IncomingCall,
  options: ServingOptions,
  send: Send<T>,
): T | Promise<T> {
  const requestId = acceptRequestId(call.metadata[METADATA.requestId]);
  try {
    const sent = inCall(call, requestId, (known) => runUnary({ call, known, send }, options));
    if (sent instanceof Promise) return laterEnded(sent, call, options, requestId);
    forgetRequest(call);
    return sent;
  } catch (thrown) {
    forgetRequest(call);
    throw mapped(call, options, { requestId, thrown });
  }
}

async function laterEnded<T>(sent: Promise<T>, call: IncomingCall, options: ServingOptions, requestId: string) {
  try {
    return await sent;
  } catch (thrown) {
    throw mapped(call, options, { requestId, thrown });
  } finally {
    forgetRequest(call);
  }
}

function forgetRequest({ registered: { method }, request }: IncomingCall): void {
  if (isSensitive(method)) zeroBytes(method.input, request);
}

interface UnaryRun<T> {
  readonly call: IncomingCall;
  readonly known: Known;
  readonly send: Send<T>;
}

function runUnary<T extends object>(run: UnaryRun<T>, options: ServingOptions): T | Promise<T> {
  const visit = enter(run.call, options, 'unary');
  return visit instanceof Promise ? visit.then((entered) => handleUnary(run, entered)) : handleUnary(run, visit);
}

function handleUnary<T extends object>({ call, known, send }: UnaryRun<T>, visit: Visit): T | Promise<T> {
  const startedAt = performance.now();
  const { method, handle, meter } = call.registered;
  try {
    const answer = (handle as UnaryHandler)(call.request, new ServedContext(known, visit));
    if (answer instanceof Promise) return handledLater({ call, send, visit, startedAt }, answer);
    const sent = send(method, answer);
    leave(call, visit, startedAt);
    return sent;
  } catch (error) {
    meter?.failed(error);
    leave(call, visit, startedAt);
    throw error;
  }
}

async function handledLater<T>(
  { call, send, visit, startedAt }: Omit<UnaryRun<T>, 'known'> & { readonly visit: Visit; readonly startedAt: number },
  answer: Promise<object>,
): Promise<T> {
  const { method, meter } = call.registered;
  try {
    return send(method, await unlessAborted(answer, visit));
  } catch (error) {
    meter?.failed(error);
    throw error;
  } finally {
    leave(call, visit, startedAt);
  }
}

function leave({ registered: { meter } }: IncomingCall, visit: Visit, startedAt: number): void {
  meter?.ended(performance.now() - startedAt);
  visit[Symbol.dispose]();
}

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
    (handle as StreamHandler)(call.request, new ServedContext(known, visit))[Symbol.asyncIterator](),
  );
  try {
    for (;;) {
      const bytes = await step(async () => {
        const next = await untilAborted(iterator.next(), visit.signal);
        return next.done ? undefined : encodeAnswer(method, next.value);
      });
      if (bytes === undefined) return;
      yield bytes;
    }
  } finally {
    // A handler that still waits is told by the signal; nobody waits for it.
    iterator.return?.().then(undefined, () => undefined);
  }
}

type Known = Omit<CallContext, 'signal'>;

/** The signal is made when a handler asks for it. */
class ServedContext implements CallContext {
  readonly requestId: string;
  readonly tenantId: string | undefined;
  readonly peer: string;
  readonly deadline: number | undefined;
  readonly #visit: SignalSource;

  constructor({ requestId, tenantId, peer, deadline }: Known, visit: SignalSource) {
    this.requestId = requestId;
    this.tenantId = tenantId;
    this.peer = peer;
    this.deadline = deadline;
    this.#visit = visit;
  }

  get signal(): AbortSignal {
    return this.#visit.signal;
  }
}

function enter(
  { registered, metadata, caller }: IncomingCall,
  options: ServingOptions,
  kind: 'unary' | 'stream',
): Visit | Promise<Visit> {
  assertVersionsAgree((registered.part ?? options).version, metadata[METADATA.version]);
  return registered.part?.gate.enter(kind, caller) ?? new FreeVisit(caller);
}

/** Where no part's gate is passed. */
class FreeVisit implements Visit {
  constructor(private readonly caller: SignalSource) {}

  get signal(): AbortSignal {
    return this.caller.signal;
  }

  [Symbol.dispose](): void {
    // Nobody counts it.
  }
}

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
