import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { AileronError } from '@aileron/errors';
import { Secret } from '@aileron/vault';
import { type RulesInForce } from './decide/recheck-call.js';
import { type ProblemExtra, type ResponseWriter } from './exchange.js';
import { ApprovalGate } from './hold/approval-gate.js';
import { SecretScrubber } from './inject/secret-scrubber.js';
import { type BodyReader, type RequestHead } from './parse/canonical-request.js';
import { Pipeline } from './pipeline.js';
import { type NewRecord } from './record/audit-log.js';
import { CallRecorder } from './record/call-recorder.js';
import { LiveSession } from './sessions/live-session.js';
import { ServingLease } from './sessions/serving-lease.js';
import { SessionAuthority } from './sessions/session-authority.js';

/** Where the answer of a request that must be refused ends up. */
class CapturedAnswer implements ResponseWriter {
  readonly headWritten = false;
  readonly bodyBytes = 0;
  refusal: string | null = null;

  writeHead(): never {
    throw new Error('it was answered');
  }
  write(): never {
    throw new Error('it was answered');
  }
  async end(): Promise<void> {
    throw new Error('it was answered');
  }
  async problem({ code }: AileronError, _extra?: ProblemExtra): Promise<void> {
    this.refusal = code;
  }
  abort(): void {
    this.refusal = null;
  }
}

const SECRET_LENGTH = 40;

/**
 * Invariant 10: with the rules that are to come into force, through the same code as traffic, a request that nothing
 * allows is refused and recorded without a credential, a name or a connection being touched; and a secret that comes back
 * is masked. Throws ENFORCEMENT_UNAVAILABLE when one of the two does not hold: then nothing may pass.
 */
export async function selfTest(rules: RulesInForce): Promise<void> {
  await assertRefusal(rules);
  assertScrubbing();
}

async function assertRefusal(rules: RulesInForce): Promise<void> {
  const touched: string[] = [];
  const trap = (name: string) => async (): Promise<never> => {
    touched.push(name);
    throw new AileronError('INTERNAL');
  };
  const records: NewRecord[] = [];
  const append = async (record: NewRecord): Promise<never> => {
    records.push(record);
    return { id: 'aud_SELFTEST00' } as never;
  };
  const clock = { now: () => Date.now() };
  const lease = new ServingLease(clock);
  lease.begin(60);
  const approvals = { request: trap('approval'), consume: trap('consume'), watch: () => trapStream(trap('watch')) };
  const pipeline = new Pipeline({
    rules: () => rules,
    lease,
    credentials: { resolve: trap('resolve'), decrypt: trap('decrypt') },
    gate: new ApprovalGate({ approvals, approvers: [], clock, holdSeconds: 0, maxHeld: 1 }),
    records: new CallRecorder({ append }, () => undefined),
    upstreams: { dial: trap('dial') },
    auditDurability: 'writes',
    approvalTtlSeconds: 10,
    onFault: () => undefined,
  });
  const answer = new CapturedAnswer();
  const host = rules.connectors.connectors[0]?.hosts[0] ?? 'self-test.invalid';
  const signal = AbortSignal.timeout(10_000);
  const session = await testSession();
  const tunnel = { session, connectHost: host, connectPort: 443, sni: host, signal };
  await pipeline.handle(tunnel, forbiddenHead(host), NO_BODY, answer, signal);
  session.authority.close();
  const [record, ...others] = records;
  const refused = record?.kind === 'refused' && others.length === 0 && answer.refusal === 'OPERATION_UNKNOWN';
  if (!refused || touched.length > 0) throw failed('refusal', { touched, refusal: String(answer.refusal) });
}

function assertScrubbing(): void {
  const text = randomBytes(SECRET_LENGTH).toString('base64url');
  const secret = Secret.fromString(text);
  const scrubber = new SecretScrubber(secret);
  const reflected = Buffer.from(`before ${text} between ${Buffer.from(text).toString('base64')} after`);
  const half = 7 + SECRET_LENGTH / 2;
  const seen = Buffer.concat([
    Buffer.from(scrubber.push(Buffer.from(reflected.subarray(0, half)))),
    Buffer.from(scrubber.push(Buffer.from(reflected.subarray(half)))),
    Buffer.from(scrubber.flush()),
  ]).toString('latin1');
  scrubber.zero();
  secret.zero();
  const leaked = seen.includes(text) || seen.includes(Buffer.from(text).toString('base64').slice(4, -6));
  if (leaked || !seen.startsWith('before ') || !seen.endsWith(' after')) throw failed('scrubbing', {});
}

async function testSession(): Promise<LiveSession> {
  const sessionId = `ses_selftest${randomBytes(6).toString('hex')}`;
  const [tenantId, now] = ['ten_selftest', Date.now()];
  const locked = async (): Promise<never> => Promise.reject(new AileronError('LEASE_MISSING'));
  const parts = {
    sealer: { seal: locked, unseal: locked },
    store: { store: locked, find: locked },
    isUnlocked: () => false,
  };
  const life = { now: new Date(now), ttlSeconds: 60 };
  const authority = await SessionAuthority.create({ tenantId, sessionId }, { ...parts, ...life });
  const user = { id: 'usr_selftest', name: 'self-test' };
  const info = { tenantId, sessionId, user, agent: 'self-test', workspace: null, project: null };
  const state = { agentTokenSha256: new Uint8Array(32), state: 'active', expiresAt: now + 60_000 } as const;
  const shared = { caCertificatePem: null, preparedBy: null, unlockedUntil: null, lockedAt: null, firewall: null };
  return new LiveSession({ ...info, ...state, ...shared }, authority, tmpdir());
}

/** No connector can declare such a method. */
function forbiddenHead(host: string): RequestHead {
  const path = `/aileron-self-test/${randomBytes(8).toString('hex')}`;
  return { method: 'SELFTEST', host, port: 443, path, query: [], target: path, headers: [] };
}

const NO_BODY: BodyReader = {
  declaredLength: 0,
  finished: true,
  sha256: null,
  readAll: async () => Buffer.alloc(0),
  stream: async function* () {},
};

async function* trapStream(trap: () => Promise<never>): AsyncGenerator<never> {
  yield await trap();
}

const failed = (part: string, details: Record<string, string | string[]>) =>
  new AileronError('ENFORCEMENT_UNAVAILABLE', { reason: `self-test: ${part}`, ...details });
