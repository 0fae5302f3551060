import { type BodyReader, type RequestHead } from './parse/canonical-request.js';
import { type ResponseWriter, type TunnelContext } from './exchange.js';
import { type SecretScrubber } from './inject/secret-scrubber.js';
import { type NewRecord } from './record/audit-log.js';
import { type CallUsage } from './record/call-usage.js';
import { type LiveSession } from './sessions/live-session.js';

/** The steps of ARCHITECTURE section 4, from where the wire hands over. */
export type Step =
  | 'accept'
  | 'match'
  | 'validate'
  | 'policy'
  | 'hold'
  | 'recheck'
  | 'intent'
  | 'dial'
  | 'decrypt'
  | 'inject'
  | 'stream'
  | 'settle'
  | 'outcome';

type RefusedRecord = Extract<NewRecord, { kind: 'refused' }>;
/** What is known so far, for the record of a refusal. */
export type CallFacts = Pick<RefusedRecord, 'connector' | 'operation' | 'arguments' | 'digest' | 'policy' | 'approval'>;

/** How far the request got, for the record of how it ended. */
export interface CallProgress {
  intentId: string | null;
  outcomeWritten: boolean;
  /** Whether a byte may have left. */
  sent: boolean;
  /** Of the upstream. */
  status: number | null;
  bytesIn: number;
  bytesOut: number;
}

/** One request on its way through the pipeline. */
export class Call {
  readonly startedAt = performance.now();
  readonly signal: AbortSignal;
  readonly #cut = new AbortController();
  readonly #cleanups: (() => void)[] = [];
  step: Step = 'accept';
  readonly facts: CallFacts = {
    connector: undefined,
    operation: undefined,
    arguments: undefined,
    digest: undefined,
    policy: undefined,
    approval: undefined,
  };
  readonly progress: CallProgress = {
    intentId: null,
    outcomeWritten: false,
    sent: false,
    status: null,
    bytesIn: 0,
    bytesOut: 0,
  };
  /** What is masked in the answer; set with the secret. */
  scrubber: SecretScrubber | null = null;
  /** What the provider counted so far. */
  usage: CallUsage | null = null;
  /** Whether the policy in force still lets it run; set once it was allowed. */
  stillAllowed: (() => boolean) | null = null;
  /** Whether its credential is still the one that the session has; set once it is used. */
  stillBound: (() => Promise<boolean>) | null = null;

  constructor(
    readonly tunnel: TunnelContext<LiveSession>,
    readonly head: RequestHead,
    readonly body: BodyReader,
    readonly response: ResponseWriter,
    agentSignal: AbortSignal,
  ) {
    this.signal = this.#cut.signal;
    // The agent went away, or the session ended. Not AbortSignal.any: that costs as much as parsing a request.
    const onGone = (): void => this.#cut.abort(agentSignal.reason);
    const onSessionEnd = (): void => this.#cut.abort(tunnel.session.signal.reason);
    if (agentSignal.aborted) onGone();
    else agentSignal.addEventListener('abort', onGone, { once: true });
    const seat = tunnel.session.onEnd(onSessionEnd);
    this.onEnd(() => {
      agentSignal.removeEventListener('abort', onGone);
      tunnel.session.offEnd(seat);
    });
  }

  get session(): LiveSession {
    return this.tunnel.session;
  }

  /** Runs a step under its name, so that a refusal can say where it happened. */
  at<T>(step: Step, work: () => T): T {
    this.step = step;
    return work();
  }

  learn(facts: CallFacts): void {
    Object.assign(this.facts, facts);
  }

  /** Ends it now, whatever it is doing. */
  cut(reason: unknown): void {
    this.#cut.abort(reason);
  }

  /** Runs when the call is over, however it ended. Last given, first run. */
  onEnd(cleanup: () => void): void {
    this.#cleanups.push(cleanup);
  }

  end(): void {
    for (let cleanup = this.#cleanups.pop(); cleanup !== undefined; cleanup = this.#cleanups.pop()) cleanup();
  }

  /** Since it was accepted. */
  get latencyMs(): number {
    return Math.round((performance.now() - this.startedAt) * 1_000) / 1_000;
  }
}
