import { create, type DescMethod, type Message, type MessageInitShape } from '@bufbuild/protobuf';
import { AileronError } from '@aileron/errors';
import { runWithContext, withSpan, withTraceparent } from '@aileron/telemetry';
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

/** Runs a handler as every wiring does: version agreed, context set, errors mapped and logged once. Encoded, it is sent. */
export async function serveUnary(call: IncomingCall, options: ServingOptions): Promise<Buffer> {
  const { method, handle } = call.registered;
  try {
    return await mapped(call, options, async (known) => {
      using visit = await enter(call, options, 'unary');
      const answer = (handle as UnaryHandler)(call.request, contextOf(known, visit));
      return encodeAnswer(method, answerMessage(method, await unlessAborted(answer, visit)));
    });
  } finally {
    if (isSensitive(method)) zeroBytes(method.input, call.request);
  }
}

export async function* serveStream(call: IncomingCall, options: ServingOptions): AsyncGenerator<Buffer> {
  const { method, handle } = call.registered;
  using visit = await mapped(call, options, async () => await enter(call, options, 'stream'));
  const iterator = await mapped(call, options, async (known) =>
    (handle as StreamHandler)(call.request, contextOf(known, visit))[Symbol.asyncIterator](),
  );
  try {
    for (;;) {
      const bytes = await mapped(call, options, async () => {
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

async function mapped<T>(call: IncomingCall, options: ServingOptions, run: (known: Known) => Promise<T>): Promise<T> {
  const { metadata, registered, peer, deadline } = call;
  const { method } = registered;
  const requestId = acceptRequestId(metadata[METADATA.requestId]);
  const inTenant = (): Promise<T> => {
    const tenantId = acceptTenantId(metadata[METADATA.tenantId]);
    const known = { requestId, tenantId, peer, deadline: deadline ?? undefined };
    return runWithContext({ requestId, tenantId, actor: peer }, () => run(known));
  };
  const traced = () => withSpan(method.parent.typeName, method.name, inTenant);
  try {
    return await withTraceparent(metadata[METADATA.traceparent], method.methodKind === 'unary' ? traced : inTenant);
  } catch (thrown) {
    const error = toAileronError(thrown);
    logFailure(call, options, { error, requestId });
    throw error;
  }
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
