// The management plane and the credential service as the contract says they behave, in memory, for the proxy's tests.
import { randomUUID } from 'node:crypto';
import {
  type ApprovalSchema,
  type ApprovalService,
  ApprovalState,
  type AuditService,
  type DataPlaneService,
  type DecryptService,
  type FirewallSchema,
  type SessionSchema,
  SessionState,
  type WatchResponseSchema,
} from '@aileron/contracts/grpc';
import { APPROVAL_DECISION_TYPE, type ApprovalDecision } from '@aileron/contracts/rest';
import { AileronError } from '@aileron/errors';
import { type ServiceImpl } from '@aileron/service-host';
import { signEnvelope, type SigningKey, toBase64Url } from '@aileron/vault';
import { type MessageInitShape } from '@bufbuild/protobuf';
import { timestampDate, timestampFromMs } from '@bufbuild/protobuf/wkt';
import { sha256 } from './record/sha256.js';

export type SessionInit = MessageInitShape<typeof SessionSchema> & { sessionId: string };
export type FirewallInit = MessageInitShape<typeof FirewallSchema>;
type ApprovalRow = Required<
  Pick<
    MessageInitShape<typeof ApprovalSchema>,
    'tenantId' | 'approvalId' | 'sessionId' | 'digest' | 'operation' | 'rule' | 'preview' | 'createdAt' | 'expiresAt'
  >
> & {
  state: ApprovalState;
  decision: Uint8Array;
  reason: string;
};
type Event = MessageInitShape<typeof WatchResponseSchema>['event'];

export const newId = (prefix: string) => `${prefix}_${randomUUID().replaceAll('-', '')}`;

/** Tells whoever listens, in order. */
class Feed<T> {
  readonly #waiting = new Set<(event: T) => void>();

  push(event: T): void {
    for (const waiting of this.#waiting) waiting(event);
  }

  /** Listens from now on, not from the first look. */
  listen(signal: AbortSignal): AsyncGenerator<T> {
    const queue: T[] = [];
    const bell = { ring: () => undefined as void };
    const take = (event: T) => {
      queue.push(event);
      bell.ring();
    };
    this.#waiting.add(take);
    signal.addEventListener('abort', () => (this.#waiting.delete(take), bell.ring()), { once: true });
    return drain(queue, bell, signal);
  }
}

async function* drain<T>(queue: T[], bell: { ring: () => void }, signal: AbortSignal): AsyncGenerator<T> {
  while (!signal.aborted) {
    const next = queue.shift();
    if (next !== undefined) yield next;
    else await new Promise<void>((resolve) => (bell.ring = resolve));
  }
}

export class Management {
  readonly sessions = new Map<string, SessionInit>();
  readonly approvals = new Map<string, ApprovalRow>();
  /** Of all streams, as they came. */
  readonly auditLines: Uint8Array[] = [];
  readonly #acknowledged = new Map<string, number>();
  readonly reports: { sessionId: string; outcome: unknown }[] = [];
  /** Sealed, by session. */
  readonly authorities = new Map<string, { certificateSha256: Uint8Array; sealed: Uint8Array }>();
  policyBundle: Uint8Array = new Uint8Array();
  connectorBundle: Uint8Array = new Uint8Array();
  leaseSeconds = 60;
  /** As if it were not there. */
  away = false;
  readonly #events = new Feed<Event>();
  readonly #approvalEvents = new Feed<string>();

  readonly dataPlane: ServiceImpl<typeof DataPlaneService> = {
    watch: async function* (this: Management, _request: unknown, { signal }: { signal: AbortSignal }) {
      this.#assertHere();
      const events = this.#events.listen(signal);
      const bundle = (envelope: Uint8Array) => ({ tenantId: 'ten_local', version: 1n, envelope });
      const sessions = [...this.sessions.values()].filter(({ state }) => state !== SessionState.ENDED);
      const bundles = { policyBundle: bundle(this.policyBundle), connectorBundle: bundle(this.connectorBundle) };
      yield { event: { case: 'snapshot' as const, value: { sessions, ...bundles, leaseSeconds: this.leaseSeconds } } };
      for await (const event of events) yield { event };
    }.bind(this) as ServiceImpl<typeof DataPlaneService>['watch'],
    reportSession: async ({ sessionId, proxyId, outcome }) => {
      this.#assertHere();
      this.reports.push({ sessionId, outcome });
      const session = this.sessions.get(sessionId);
      if (session === undefined || outcome.case !== 'ready') return {};
      const again = session.preparedBy === proxyId && !this.authorities.has(sessionId);
      if (session.state === SessionState.STARTING || again) {
        const { caCertificatePem } = outcome.value;
        Object.assign(session, { state: SessionState.ACTIVE, preparedBy: proxyId, caCertificatePem });
        this.#tell(session);
      }
      return { caCertificatePem: session.caCertificatePem ?? '' };
    },
    storeSessionAuthority: async ({ sessionId, certificateSha256, sealed }) => {
      this.#assertHere();
      const { caCertificatePem } = this.#session(sessionId);
      if (!same(sha256(Buffer.from(caCertificatePem ?? '')), certificateSha256))
        throw new AileronError('PRECONDITION_FAILED');
      const copy = { certificateSha256: Uint8Array.from(certificateSha256), sealed: Uint8Array.from(sealed) };
      if (!this.authorities.has(sessionId)) this.authorities.set(sessionId, copy);
      return {};
    },
    getSessionAuthority: async ({ sessionId }) => {
      this.#assertHere();
      const found = this.authorities.get(sessionId);
      if (found === undefined) throw new AileronError('NOT_FOUND', { sessionId });
      return found;
    },
  };

  readonly approval: ServiceImpl<typeof ApprovalService> = {
    request: async ({ ttlSeconds, tenantId, sessionId, digest, operation, rule, preview }) => {
      this.#assertHere();
      const open = [...this.approvals.values()].find(
        (row) => row.sessionId === sessionId && same(row.digest, digest) && row.rule === rule && isOpen(row.state),
      );
      if (open !== undefined) return open;
      const now = Date.now();
      const row: ApprovalRow = {
        tenantId,
        sessionId,
        digest: Uint8Array.from(digest),
        operation,
        rule,
        preview: Uint8Array.from(preview),
        approvalId: newId('apr'),
        state: ApprovalState.PENDING,
        createdAt: timestampFromMs(now),
        expiresAt: timestampFromMs(now + ttlSeconds * 1_000),
        decision: new Uint8Array(),
        reason: '',
      };
      this.approvals.set(row.approvalId, row);
      this.#approvalEvents.push(row.approvalId);
      return row;
    },
    watch: async function* (
      this: Management,
      { approvalId }: { approvalId: string },
      { signal }: { signal: AbortSignal },
    ) {
      this.#assertHere();
      const events = this.#approvalEvents.listen(signal);
      yield this.#approval(approvalId);
      for await (const changed of events) if (changed === approvalId) yield this.#approval(approvalId);
    }.bind(this) as unknown as ServiceImpl<typeof ApprovalService>['watch'],
    consume: async ({ approvalId, digest }) => {
      this.#assertHere();
      const row = this.#approval(approvalId);
      if (row.state !== ApprovalState.APPROVED || !same(row.digest, digest))
        throw new AileronError('PRECONDITION_FAILED');
      row.state = ApprovalState.CONSUMED;
      return row;
    },
    listBySession: async ({ sessionId }) => ({
      approvals: [...this.approvals.values()].filter((row) => row.sessionId === sessionId),
    }),
  };

  readonly audit: ServiceImpl<typeof AuditService> = {
    ship: async ({ streamId, lines }) => {
      this.#assertHere();
      let last = this.#acknowledged.get(streamId) ?? 0;
      for (const line of lines) {
        const { seq } = JSON.parse(new TextDecoder().decode(line)) as { seq: number };
        if (seq > last + 1) throw new AileronError('AUDIT_CHAIN_BROKEN', { seq });
        if (seq === last + 1) this.auditLines.push(Uint8Array.from(line));
        last = Math.max(last, seq);
      }
      this.#acknowledged.set(streamId, last);
      return { acknowledgedSeq: BigInt(last) };
    },
    queryBySession: async ({ sessionId, limit }) => {
      const own = this.auditLines.filter((line) =>
        new TextDecoder().decode(line).includes(`"sessionId":"${sessionId}"`),
      );
      return { lines: own.toReversed().slice(0, limit) };
    },
  };

  /** A session as it begins. */
  startSession(init: {
    agentToken: string;
    ttlSeconds?: number;
    agent?: string;
    tenantId?: string;
    firewall?: FirewallInit | undefined;
  }): SessionInit {
    const now = Date.now();
    const session: SessionInit = {
      tenantId: init.tenantId ?? 'ten_local',
      sessionId: newId('ses'),
      userId: 'usr_local',
      userName: 'Ada',
      agent: init.agent ?? 'fake',
      agentTokenSha256: sha256(Buffer.from(init.agentToken)),
      state: SessionState.STARTING,
      createdAt: timestampFromMs(now),
      expiresAt: timestampFromMs(now + (init.ttlSeconds ?? 3_600) * 1_000),
      ...(init.firewall && { firewall: init.firewall }),
    };
    this.sessions.set(session.sessionId, session);
    this.#tell(session);
    return session;
  }

  /** Proxies hear that a person gave the session keys, or took them back. */
  setKeys(sessionId: string, keys: { unlockedUntil?: number; lockedAt?: number }): void {
    const session = this.#session(sessionId);
    const { unlockedUntil: until, lockedAt } = keys;
    if (lockedAt !== undefined) Object.assign(session, { lockedAt: timestampFromMs(lockedAt) });
    Object.assign(session, { unlockedUntil: until === undefined ? undefined : timestampFromMs(until) });
    this.#tell(session);
  }

  /** Proxies hear of other settings, or of another token. */
  change(sessionId: string, change: { firewall?: FirewallInit; agentToken?: string }): void {
    const session = this.#session(sessionId);
    const { firewall, agentToken } = change;
    if (firewall !== undefined) session.firewall = firewall;
    if (agentToken !== undefined) session.agentTokenSha256 = sha256(Buffer.from(agentToken));
    this.#tell(session);
  }

  endSession(sessionId: string): void {
    const session = this.sessions.get(sessionId);
    if (session === undefined) return;
    session.state = SessionState.ENDED;
    this.authorities.delete(sessionId);
    this.#tell(session);
  }

  /** As when somebody wrote a vault. */
  tellVaultsChanged(): void {
    this.#events.push({ case: 'vaultsChanged', value: {} });
  }

  publishConnectors(envelope: Uint8Array): void {
    this.connectorBundle = envelope;
    this.#events.push({ case: 'connectorBundle', value: { tenantId: 'ten_local', version: 1n, envelope } });
  }

  publishPolicy(envelope: Uint8Array): void {
    this.policyBundle = envelope;
    this.#events.push({ case: 'policyBundle', value: { tenantId: 'ten_local', version: 1n, envelope } });
  }

  /** A person decides, with a key; what is signed can be something else than what is there. */
  async decide(
    approvalId: string,
    key: SigningKey,
    decision: 'approve' | 'deny',
    change: Partial<ApprovalDecision> & { state?: ApprovalState } = {},
  ): Promise<void> {
    const row = this.#approval(approvalId);
    const { state, ...signed } = change;
    const payload = {
      tenantId: row.tenantId,
      approvalId,
      sessionId: row.sessionId,
      digest: toBase64Url(row.digest),
      previewSha256: toBase64Url(sha256(row.preview)),
      decision,
      approver: 'ada',
      reason: decision === 'deny' ? 'not today' : null,
      decidedAt: new Date().toISOString(),
      expiresAt: timestampDate(row.expiresAt as Parameters<typeof timestampDate>[0]).toISOString(),
      ...signed,
    };
    const bytes = new TextEncoder().encode(JSON.stringify(payload));
    const envelope = await signEnvelope({ payloadType: APPROVAL_DECISION_TYPE, payload: bytes, key });
    row.decision = new TextEncoder().encode(JSON.stringify(envelope));
    this.setState(approvalId, state ?? (decision === 'approve' ? ApprovalState.APPROVED : ApprovalState.DENIED));
  }

  /** As somebody with the database would. */
  setState(approvalId: string, state: ApprovalState): void {
    this.#approval(approvalId).state = state;
    this.#approvalEvents.push(approvalId);
  }

  /** As it is now, whatever it becomes. */
  #tell(session: SessionInit): void {
    this.#events.push({ case: 'session', value: { ...session } });
  }

  #session(sessionId: string): SessionInit {
    const session = this.sessions.get(sessionId);
    if (session === undefined) throw new AileronError('NOT_FOUND', { sessionId });
    return session;
  }

  #approval(approvalId: string): ApprovalRow {
    const row = this.approvals.get(approvalId);
    if (row === undefined) throw new AileronError('NOT_FOUND', { approvalId });
    return row;
  }

  #assertHere(): void {
    if (this.away) throw new AileronError('UNAVAILABLE');
  }
}

const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;
const isOpen = (state: ApprovalState) =>
  [ApprovalState.PENDING, ApprovalState.APPROVED, ApprovalState.DENIED].includes(state);

/** One credential for each connector, bound to all its operations. */
export class CredentialStore {
  readonly secrets = new Map<string, { secret: string; version: number; id: string }>();
  /** Sessions whose keys are in memory; empty = all are locked. */
  readonly unlocked = new Set<string>();
  resolves = 0;
  decrypts = 0;
  /** Called before a decryption answers. */
  onDecrypt: () => void = () => undefined;

  readonly decrypt: ServiceImpl<typeof DecryptService> = {
    resolve: async ({ sessionId, connector }) => {
      this.resolves += 1;
      const { id, version } = this.#find(sessionId, connector);
      return { vaultId: 'vlt_test', credentialId: id, credentialVersion: version };
    },
    decrypt: async ({ sessionId, connector, credentialVersion }) => {
      this.decrypts += 1;
      this.onDecrypt();
      const { secret, version } = this.#find(sessionId, connector);
      if (version !== credentialVersion) throw new AileronError('CREDENTIAL_BINDING_REFUSED');
      return { secret: new TextEncoder().encode(secret) };
    },
    sealState: async ({ sessionId, purpose, plaintext }) => {
      this.#assertUnlocked(sessionId);
      return { sealed: mask(`${sessionId} ${purpose}`, plaintext) };
    },
    unsealState: async ({ sessionId, purpose, sealed }) => {
      this.#assertUnlocked(sessionId);
      return { plaintext: mask(`${sessionId} ${purpose}`, sealed) };
    },
  };

  put(connector: string, secret: string): void {
    const version = (this.secrets.get(connector)?.version ?? 0) + 1;
    this.secrets.set(connector, { secret, version, id: `crd_${connector}` });
  }

  #find(sessionId: string, connector: string) {
    this.#assertUnlocked(sessionId);
    const found = this.secrets.get(connector);
    if (found === undefined) throw new AileronError('CREDENTIAL_NOT_BOUND');
    return found;
  }

  #assertUnlocked(sessionId: string): void {
    if (!this.unlocked.has(sessionId)) throw new AileronError('LEASE_MISSING');
  }
}

/** Not encryption: only so that what lies on disk is not what was given. */
function mask(key: string, bytes: Uint8Array): Uint8Array {
  const pad = sha256(Buffer.from(key));
  return bytes.map((byte, i) => byte ^ (pad[i % 32] ?? 0));
}
