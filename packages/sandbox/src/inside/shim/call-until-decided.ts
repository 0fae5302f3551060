import { setTimeout as delay } from 'node:timers/promises';
import { getOwn } from '../own-api.js';
import { parseObject, readProblem, type Problem } from '../problem.js';
import { NoAnswer, sendThroughProxy, type Answer, type ProxiedRequest } from '../proxied-request.js';
import type { SessionFile } from '../session-file.js';
import type { ShimCommand } from './shim-spec.js';

export type CallResult =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'problem'; readonly problem: Problem }
  /** The connection was cut after the request went out, and it is not one that may be repeated. */
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'unreachable'; readonly reason: string };

export interface CallInput {
  readonly session: SessionFile;
  readonly request: ProxiedRequest;
  readonly command: ShimCommand;
  readonly waitSeconds: number;
  /** Said once for each thing that is waited for. */
  readonly announce: (line: string) => void;
}

/** The proxy holds a request for a while before it answers 428. */
const ANSWER_TIMEOUT_MS = 180_000;
const DEFAULT_PAUSE_SECONDS = 2;
const MAX_PAUSE_SECONDS = 30;
/** Refusals that pass: nothing was sent upstream, and the same request may be sent again. */
const PASSING: ReadonlySet<string> = new Set([
  'APPROVAL_PENDING',
  'LEASE_MISSING',
  'LEASE_EXPIRED',
  'ENFORCEMENT_UNAVAILABLE',
]);

/** Sends the identical request until a person has decided, the service is back, or the time is over. */
export async function callUntilDecided(input: CallInput): Promise<CallResult> {
  const startedAt = Date.now();
  const endsAt = startedAt + input.waitSeconds * 1_000;
  const announced = new Set<string>();
  const say = (key: string, line: string): void => {
    if (!announced.has(key)) input.announce(line);
    announced.add(key);
  };
  for (;;) {
    const { result, pauseSeconds } = await attempt(input, startedAt);
    if (pauseSeconds === null) return result;
    const pauseMs = Math.min(Math.max(pauseSeconds, 0.1), MAX_PAUSE_SECONDS) * 1_000;
    if (Date.now() + pauseMs > endsAt) return result;
    say(...waitingLine(result));
    await delay(pauseMs);
  }
}

async function attempt(
  input: CallInput,
  startedAt: number,
): Promise<{ result: CallResult; pauseSeconds: number | null }> {
  try {
    const answer = await sendThroughProxy(input.session, input.request, ANSWER_TIMEOUT_MS);
    const problem = readProblem(answer);
    if (problem === null) return { result: { kind: 'answer', answer }, pauseSeconds: null };
    const pauseSeconds = PASSING.has(problem.code) ? retryAfter(answer) : null;
    return { result: { kind: 'problem', problem }, pauseSeconds };
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    if (!error.sent || (await mayRepeat(input, startedAt))) {
      return { result: { kind: 'unreachable', reason: error.message }, pauseSeconds: DEFAULT_PAUSE_SECONDS };
    }
    return { result: { kind: 'unknown', reason: error.message }, pauseSeconds: null };
  }
}

/**
 * After a cut: a read and an idempotent write may be sent again. A write that a person approves may, as long as no approval
 * of it was used since this call began: the proxy uses it up before it sends.
 */
async function mayRepeat(input: CallInput, startedAt: number): Promise<boolean> {
  const { command } = input;
  if (command.effect === 'read' || command.idempotent) return true;
  if (command.approval !== 'ask') return false;
  // The proxy may be on its way up: the forwarder waits for it.
  const answer = await getOwn(input.session, '/v1/self/approvals').catch(() => null);
  const approvals = answer?.status === 200 ? parseObject(answer.body)?.['approvals'] : null;
  if (!Array.isArray(approvals)) return false;
  const mine = (approvals as Record<string, unknown>[]).filter(
    (each) => each['operation'] === command.operation && wasAlive(each, startedAt),
  );
  return mine.length > 0 && mine.every((each) => each['state'] === 'pending' || each['state'] === 'approved');
}

/** Asked for or decided during this call; the clocks of launcher and sandbox are one. */
function wasAlive(approval: Record<string, unknown>, startedAt: number): boolean {
  const times = [approval['createdAt'], approval['decidedAt']].map((time) =>
    typeof time === 'string' ? Date.parse(time) : 0,
  );
  return times.some((time) => time >= startedAt - 1_000) || approval['state'] === 'pending';
}

/** RFC 9110, 10.2.3, in seconds; the proxy sends no dates. */
function retryAfter(answer: Answer): number {
  const seconds = Number(answer.headers['retry-after']);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : DEFAULT_PAUSE_SECONDS;
}

function waitingLine(result: CallResult): [key: string, line: string] {
  if (result.kind === 'problem' && result.problem.code === 'APPROVAL_PENDING') {
    const id = result.problem.approvalId ?? 'unknown';
    return [id, `waiting for a person to approve (${id})`];
  }
  const reason =
    result.kind === 'problem' ? `${result.problem.code}: ${result.problem.title}` : 'the proxy does not answer';
  return [reason, `waiting: ${reason}`];
}
