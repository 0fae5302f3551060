import { DsseEnvelope } from '@aileron/vault';
import { z } from 'zod';

/** A line never holds more than this, line feed not counted. */
export const MAX_LINE_BYTES = 65_536;

/** SHA-256 as base64url without padding: 43 characters. */
const Digest = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be a SHA-256 digest in base64url');
const Name = z.string().min(1).max(128);
const Text = z.string().max(1_024);
const Count = z.int().min(0);

/** `aud_…`, unique in the stream. It is what a refusal tells the agent. */
export const AuditId = z.string().regex(/^aud_[0-9A-Za-z]{8,60}$/, 'must be an id that starts with aud_');

/** In every record. `prev` is the digest of the line before, so that a chain has one order and no hole. */
const common = {
  v: z.literal(1),
  stream: z.string().regex(/^[0-9A-Za-z_-]{1,64}$/, 'must be a stream id'),
  seq: z.int().min(1),
  at: z.iso.datetime(),
  id: AuditId,
  prev: Digest,
  tenantId: Name,
};

/** Who. A refusal before anybody is known has none of it. */
const who = {
  sessionId: Name.optional(),
  user: z.strictObject({ id: Name, name: Text }).optional(),
  agent: Name.optional(),
  workspace: Name.optional(),
  project: Name.optional(),
};
const knownWho = { ...who, sessionId: Name, user: z.strictObject({ id: Name, name: Text }), agent: Name };

/** `path` is canonical and without query: values in a query are arguments, redacted there. */
const Request = z.strictObject({
  method: z.string().max(32),
  host: z.string().max(255),
  port: z.int().min(1).max(65_535).optional(),
  path: z.string().max(8_192),
});

const PolicyReason = z.strictObject({
  version: Count,
  verdict: z.enum(['allow', 'ask', 'deny']),
  /** The rule that asked or denied. */
  rule: Name.nullable(),
  /** Ids of the policies that decided. */
  policies: z.array(Name).max(64).optional(),
});

const ApprovalUse = z.strictObject({ id: Name, approver: Text.nullable() });

/** What the provider says was used, as the connectors' usage readers give it. */
const Tokens = z.strictObject({
  model: z.string().max(128).nullable(),
  inputTokens: Count,
  outputTokens: Count,
  cacheReadTokens: Count,
  cacheWriteTokens: Count,
  /** False when the stream ended before the provider had counted: the numbers are a floor. */
  complete: z.boolean(),
});

const Outcome = z.strictObject({
  state: z.enum(['ok', 'upstream-error', 'unknown', 'cut']),
  /** HTTP status of the upstream, null when none arrived. */
  status: z.int().min(100).max(999).nullable(),
  bytesIn: Count,
  bytesOut: Count,
  latencyMs: z.number().min(0),
  tokens: Tokens.optional(),
  /** Null when the model has no price. */
  costUsd: z.number().min(0).nullable().optional(),
});

const what = { connector: Name, operation: Name };

/** Written before the first byte leaves. */
const IntentRecord = z.strictObject({
  ...common,
  kind: z.literal('intent'),
  ...knownWho,
  ...what,
  request: Request,
  /** Redacted, see redactArguments. */
  arguments: z.record(z.string(), z.unknown()),
  /** The digest that an approval is bound to. */
  digest: Digest,
  policy: PolicyReason,
  approval: ApprovalUse.nullable(),
  /** Id of the credential that is injected. */
  credential: Name.nullable().optional(),
});

const OutcomeRecord = z.strictObject({
  ...common,
  kind: z.literal('outcome'),
  ...knownWho,
  ...what,
  intentId: AuditId,
  outcome: Outcome,
});

/** An intent that a crash left without outcome: whether the upstream acted is not known, and it is not repeated. */
const RecoveredRecord = z.strictObject({
  ...common,
  kind: z.literal('recovered'),
  ...who,
  ...what,
  intentId: AuditId,
  outcome: Outcome.extend({ state: z.literal('unknown') }),
});

const RefusedRecord = z.strictObject({
  ...common,
  kind: z.literal('refused'),
  ...who,
  connector: Name.optional(),
  operation: Name.optional(),
  request: Request.partial().optional(),
  arguments: z.record(z.string(), z.unknown()).optional(),
  digest: Digest.optional(),
  policy: PolicyReason.optional(),
  approval: ApprovalUse.optional(),
  refusal: z.strictObject({
    /** A code of the error table. */
    code: Name,
    status: z.int().min(100).max(599),
    /** The step of the pipeline. */
    step: Name.optional(),
    reason: Text.optional(),
    /** How many alike this record stands for, when more than one. */
    count: z.int().min(1).optional(),
  }),
});

/** Bytes of a host that no connector owns, passed through untouched. */
const EgressRecord = z.strictObject({
  ...common,
  kind: z.literal('egress'),
  ...knownWho,
  destination: z.strictObject({
    host: z.string().max(255),
    port: z.int().min(1).max(65_535),
    address: z.string().max(64).optional(),
  }),
  outcome: Outcome,
});

const SessionRecord = z.strictObject({
  ...common,
  kind: z.literal('session'),
  ...who,
  sessionId: Name,
  event: z.enum(['started', 'restored', 'locked', 'unlocked', 'expired', 'ended', 'failed']),
  reason: Text.optional(),
});

/** Each step in the life of an approval. */
const DecisionRecord = z.strictObject({
  ...common,
  kind: z.literal('decision'),
  ...knownWho,
  ...what,
  digest: Digest,
  approval: z.strictObject({
    id: Name,
    rule: Name,
    state: z.enum(['pending', 'approved', 'denied', 'expired', 'cancelled', 'consumed']),
    approver: Text.nullable(),
    /** The key that signed the decision. */
    keyId: Name.nullable(),
    reason: Text.nullable(),
  }),
});

/** A bundle of policies or connectors came into force, or was refused. */
const PolicyRecord = z.strictObject({
  ...common,
  kind: z.literal('policy'),
  bundle: z.enum(['policy', 'connector']),
  event: z.enum(['installed', 'refused']),
  version: Count,
  /** Of the bundle's payload. */
  digest: Digest.optional(),
  keyId: Name.optional(),
  reason: Text.optional(),
});

/** The life of the writer itself: started, stopped, self-test, rotation of its log. */
const SystemRecord = z.strictObject({
  ...common,
  kind: z.literal('system'),
  event: z.string().regex(/^[a-z][a-z0-9.-]{0,63}$/, 'must be a lower-case event name'),
  detail: z.record(Name, z.union([Text, z.number(), z.boolean(), z.null()])).optional(),
});

/** A signature over an earlier place of this chain: see AuditCheckpoint. */
const CheckpointRecord = z.strictObject({
  ...common,
  kind: z.literal('checkpoint'),
  envelope: DsseEnvelope,
});

/** One line of an audit log. */
export const AuditRecord = z.discriminatedUnion('kind', [
  IntentRecord,
  OutcomeRecord,
  RefusedRecord,
  EgressRecord,
  SessionRecord,
  DecisionRecord,
  PolicyRecord,
  SystemRecord,
  RecoveredRecord,
  CheckpointRecord,
]);
export type AuditRecord = z.infer<typeof AuditRecord>;
export type AuditKind = AuditRecord['kind'];
/** The record of one kind, for example `AuditRecordOf<'intent'>`. */
export type AuditRecordOf<K extends AuditKind> = Extract<AuditRecord, { kind: K }>;

type WithoutChain<R> = R extends AuditRecord ? Omit<R, 'v' | 'stream' | 'seq' | 'prev'> : never;
/** What a writer gives; the chain adds `v`, `stream`, `seq` and `prev`. */
export type AuditInput = WithoutChain<AuditRecord>;
