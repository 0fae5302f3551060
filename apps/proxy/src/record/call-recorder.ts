import { AileronError } from '@aileron/errors';
import { type Call } from '../call.js';
import { type EgressRecord, type RefusalRecord } from '../exchange.js';
import { type SessionInfo } from '../ports/data-plane.port.js';
import { type LiveSession } from '../sessions/live-session.js';
import { type AuditLog, type NewRecord } from './audit-log.js';
import { type OutcomeFacts, type RecordOf } from './outcome-facts.js';
import { whoOf } from './who.js';

export type IntentFacts = Pick<
  RecordOf<'intent'>,
  'connector' | 'operation' | 'arguments' | 'digest' | 'policy' | 'approval' | 'credential'
>;
export type DecisionFacts = Pick<RecordOf<'decision'>, 'connector' | 'operation' | 'digest' | 'approval'>;

const MAX_PATH = 8_192;

/** The records of calls, tunnels and refusals. */
export class CallRecorder {
  constructor(
    private readonly log: Pick<AuditLog, 'append'>,
    /** Hears of what could not be recorded although it happened. */
    private readonly onLost: (error: unknown, kind: string) => void,
    /** Hears of each record that was appended. */
    private readonly onRecord: (record: NewRecord) => void = () => undefined,
  ) {}

  /** AUDIT_UNAVAILABLE when it could not be written: then the call does not go on. */
  async intent(call: Call, facts: IntentFacts, options: { durable: boolean }): Promise<void> {
    const { method, host, port, path } = call.head;
    const request = { method, host, port, path: path.slice(0, MAX_PATH) };
    const { connector, operation, arguments: values, digest, policy, approval, credential } = facts;
    // Each field by its name: every call writes two of these, and several spreads cost as much as the hash.
    const what = { connector, operation, arguments: values, digest, policy, approval, credential };
    const { id } = await this.log.append({ ...whoOf(call.session.info), kind: 'intent', request, ...what }, options);
    call.progress.intentId = id;
  }

  async outcome(call: Call, outcome: Pick<OutcomeFacts, 'state' | 'tokens' | 'costUsd'>): Promise<void> {
    const { intentId, status, bytesIn, bytesOut } = call.progress;
    const { connector, operation } = call.facts;
    if (intentId === null || connector === undefined || operation === undefined) return;
    call.progress.outcomeWritten = true;
    const record: NewRecord = {
      ...whoOf(call.session.info),
      kind: 'outcome',
      connector,
      operation,
      intentId,
      outcome: { ...outcome, status, bytesIn, bytesOut, latencyMs: call.latencyMs },
    };
    await this.log.append(record);
    this.onRecord(record);
  }

  /** One record for one refusal. Null when the log does not take it: then nothing with a credential passes anyway. */
  async refused(call: Call, error: AileronError): Promise<string | null> {
    const { method, host, port, path } = call.head;
    return await this.#tryAppend({
      kind: 'refused',
      ...whoOf(call.session.info),
      ...call.facts,
      request: { method, host, port, path: path.slice(0, MAX_PATH) },
      refusal: refusalOf(error, call.step),
    });
  }

  /** What the wire refused by itself. */
  async wireRefusal(record: RefusalRecord<LiveSession>, count = 1): Promise<void> {
    const { session, socketSessionId, stage, host, port, error } = record;
    const request = {
      ...(host !== null && { host: host.slice(0, 255) }),
      ...(port !== null && isPort(port) && { port }),
    };
    await this.#tryAppend({
      kind: 'refused',
      ...(session !== null ? whoOf(session.info) : socketSessionId !== null ? { sessionId: socketSessionId } : {}),
      request,
      refusal: { ...refusalOf(error, stage), ...(count > 1 && { count }) },
    });
  }

  async egress(record: EgressRecord<LiveSession>): Promise<void> {
    const { session, host, port, address, startedAt, endedAt, bytesUp, bytesDown, end } = record;
    const state = end === 'error' ? 'upstream-error' : end === 'cut' ? 'cut' : 'ok';
    const latencyMs = Math.max(0, endedAt - startedAt);
    await this.#tryAppend({
      kind: 'egress',
      ...whoOf(session.info),
      destination: { host, port, address },
      outcome: { state, status: null, bytesIn: bytesDown, bytesOut: bytesUp, latencyMs },
    });
  }

  /** A step in the life of an approval. AUDIT_UNAVAILABLE. */
  async decision(session: SessionInfo, facts: DecisionFacts): Promise<void> {
    await this.log.append({ kind: 'decision', ...whoOf(session), ...facts }, { durable: true });
  }

  async #tryAppend(record: NewRecord): Promise<string | null> {
    try {
      const { id } = await this.log.append(record);
      this.onRecord(record);
      return id;
    } catch (error) {
      this.onLost(error, record.kind);
      return null;
    }
  }
}

const isPort = (port: number) => Number.isInteger(port) && port >= 1 && port <= 65_535;

function refusalOf(error: AileronError, step: string): RecordOf<'refused'>['refusal'] {
  const { code, definition, details } = error;
  const reason = typeof details['reason'] === 'string' ? { reason: details['reason'].slice(0, 1_024) } : {};
  return { code, status: definition.http, step, ...reason };
}
