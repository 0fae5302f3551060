import { z } from 'zod';
import type { AuditInput, AuditRecord } from './audit-record.js';

type InputOf<K extends AuditInput['kind']> = Extract<AuditInput, { kind: K }>;

/**
 * Whether a record of a call is certainly one that the schema takes once it is linked: the two kinds of which every call
 * writes one each are looked at by hand, which takes a tenth of the time. False is no verdict: then the schema says what is
 * wrong, if anything.
 */
export const isSoundInput = (input: AuditInput): boolean => isSound(input, INTENT, OUTCOME);

/** The same for the name of a stream. */
export const isSoundStream = (stream: string): boolean => isText(stream, 64) && STREAM.test(stream);

/** The same for a record as it was read from its line. */
export function isSoundRecord(record: AuditRecord): boolean {
  const { v, stream, seq, prev } = record;
  const linked = v === 1 && isSoundStream(stream) && isCount(seq) && seq >= 1 && isDigest(prev);
  return linked && isSound(record, LINKED_INTENT, LINKED_OUTCOME);
}

function isSound(input: AuditInput, ofIntent: ReadonlySet<string>, ofOutcome: ReadonlySet<string>): boolean {
  switch (input.kind) {
    case 'intent':
      return onlyHas(input, ofIntent) && isSoundIntent(input);
    case 'outcome':
      return onlyHas(input, ofOutcome) && isSoundOutcome(input);
    default:
      return false;
  }
}

function isSoundIntent(record: InputOf<'intent'>): boolean {
  const { arguments: values, policy, approval, credential } = record;
  return (
    isSoundCall(record) &&
    isSoundRequest(record.request) &&
    isPlainObject(values) &&
    isDigest(record.digest) &&
    isSoundPolicy(policy) &&
    (approval === null || (onlyHas(approval, APPROVAL) && isName(approval.id) && isTextOrNull(approval.approver))) &&
    (credential === null || credential === undefined || isName(credential))
  );
}

function isSoundOutcome(record: InputOf<'outcome'>): boolean {
  return isSoundCall(record) && isAuditId(record.intentId) && isSoundEnding(record.outcome);
}

function isSoundEnding(outcome: InputOf<'outcome'>['outcome']): boolean {
  if (!onlyHas(outcome, ENDING)) return false;
  const { state, status, bytesIn, bytesOut, latencyMs, tokens, costUsd } = outcome;
  return (
    (state === 'ok' || state === 'upstream-error' || state === 'unknown' || state === 'cut') &&
    (status === null || (isCount(status) && status >= 100 && status <= 999)) &&
    isCount(bytesIn) &&
    isCount(bytesOut) &&
    isAmount(latencyMs) &&
    // Of models only: the schema looks at them.
    tokens === undefined &&
    (costUsd === undefined || costUsd === null || isAmount(costUsd))
  );
}

/** What both kinds have: when, who, and what. */
function isSoundCall(record: InputOf<'intent' | 'outcome'>): boolean {
  const { at, id, tenantId, sessionId, user, agent, workspace, project } = record;
  return (
    isTime(at) &&
    isAuditId(id) &&
    isName(tenantId) &&
    isName(sessionId) &&
    onlyHas(user, USER) &&
    isName(user.id) &&
    isText(user.name, 1_024) &&
    isName(agent) &&
    (workspace === undefined || isName(workspace)) &&
    (project === undefined || isName(project)) &&
    isName(record.connector) &&
    isName(record.operation)
  );
}

function isSoundRequest(request: InputOf<'intent'>['request']): boolean {
  if (!onlyHas(request, REQUEST)) return false;
  const { method, host, port, path } = request;
  return (
    isText(method, 32) &&
    isText(host, 255) &&
    (port === undefined || (isCount(port) && port >= 1 && port <= 65_535)) &&
    isText(path, 8_192)
  );
}

function isSoundPolicy(policy: InputOf<'intent'>['policy']): boolean {
  if (!onlyHas(policy, POLICY)) return false;
  const { version, verdict, rule, policies } = policy;
  return (
    isCount(version) &&
    (verdict === 'allow' || verdict === 'ask' || verdict === 'deny') &&
    (rule === null || isName(rule)) &&
    (policies === undefined || (Array.isArray(policies) && policies.length <= 64 && policies.every(isName)))
  );
}

const CALL = ['at', 'id', 'tenantId', 'kind', 'sessionId', 'user', 'agent', 'workspace'];
const WHAT = ['project', 'connector', 'operation'];
const INTENT = new Set([...CALL, ...WHAT, 'request', 'arguments', 'digest', 'policy', 'approval', 'credential']);
const OUTCOME = new Set([...CALL, ...WHAT, 'intentId', 'outcome']);
const LINKS = ['v', 'stream', 'seq', 'prev'];
const LINKED_INTENT = new Set([...LINKS, ...INTENT]);
const LINKED_OUTCOME = new Set([...LINKS, ...OUTCOME]);
const ENDING = new Set(['state', 'status', 'bytesIn', 'bytesOut', 'latencyMs', 'tokens', 'costUsd']);
const USER = new Set(['id', 'name']);
const REQUEST = new Set(['method', 'host', 'port', 'path']);
const POLICY = new Set(['version', 'verdict', 'rule', 'policies']);
const APPROVAL = new Set(['id', 'approver']);

const STREAM = /^[0-9A-Za-z_-]{1,64}$/;
const AUDIT_ID = /^aud_[0-9A-Za-z]{8,60}$/;
const DIGEST = /^[A-Za-z0-9_-]{43}$/;
const TIME_OF_DAY = /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const Day = z.iso.date();
/** The last day that was looked at: the calendar is asked once a day. */
let knownDay = '';

function isTime(at: unknown): boolean {
  if (!isText(at, 24) || at.length !== 24 || at.charCodeAt(10) !== 0x54) return false;
  const day = at.slice(0, 10);
  if (day !== knownDay) {
    if (!Day.safeParse(day).success) return false;
    knownDay = day;
  }
  return TIME_OF_DAY.test(at.slice(11));
}

/** A plain object with none but these names; of what it lacks, the reader of each name is the judge. */
function onlyHas(value: unknown, names: ReadonlySet<string>): boolean {
  if (!isPlainObject(value)) return false;
  for (const name in value) if (!names.has(name)) return false;
  return true;
}

const isPlainObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
const isText = (value: unknown, longest: number): value is string =>
  typeof value === 'string' && value.length <= longest;
const isTextOrNull = (value: unknown): boolean => value === null || isText(value, 1_024);
const isName = (value: unknown): boolean => typeof value === 'string' && value.length >= 1 && value.length <= 128;
const isAuditId = (value: unknown): boolean => isText(value, 64) && AUDIT_ID.test(value);
const isDigest = (value: unknown): boolean => typeof value === 'string' && DIGEST.test(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isAmount = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value < Infinity;
