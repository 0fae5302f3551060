import { GraphqlDocuments, type HeadMatch } from '@aileron/connectors';
import { AileronError } from '@aileron/errors';
import { type Secret, toBase64Url } from '@aileron/vault';
import { Call } from './call.js';
import { isSameCredential, isStillBound } from './decide/still-bound.js';
import { decideCall } from './decide/decide-call.js';
import { type Allowed, type Asked, evaluate } from './decide/decide.js';
import { assertGoingOn, recheckCall, type RulesInForce } from './decide/recheck-call.js';
import { type ProxyHandlers } from './exchange.js';
import { assertReachable } from './firewall/assert-reachable.js';
import { type ApprovalGate, type GrantedApproval } from './hold/approval-gate.js';
import { type CallSubject, subjectOf } from './hold/call-subject.js';
import { holdForApproval, recordStep, ToldSteps } from './hold/hold-for-approval.js';
import { hiddenArguments } from './hold/request-preview.js';
import { screenAgentCredentials } from './inject/agent-credentials.js';
import { relayResponse } from './inject/relay-response.js';
import { SecretScrubber } from './inject/secret-scrubber.js';
import { matchEndpoint, validateRequest, type ValidRequest } from './match/match-operation.js';
import { type HeaderField } from './parse/canonical-request.js';
import { type Credentials, type ResolvedCredential } from './ports/credentials.port.js';
import { type CallRecorder, type IntentFacts } from './record/call-recorder.js';
import { type OutcomeFacts } from './record/outcome-facts.js';
import { CallUsage } from './record/call-usage.js';
import { answerRefusal, nameError } from './refuse-call.js';
import { Roster } from './roster.js';
import { type LiveSession } from './sessions/live-session.js';
import { type ServingLease } from './sessions/serving-lease.js';
import { sendRequest } from './upstream/send-request.js';
import { type UpstreamConnection } from './upstream/upstream-connection.js';
import { type UpstreamDialler } from './upstream/upstream-dialler.js';
import { type UpstreamResponse } from './upstream/upstream.types.js';

export interface PipelineParts {
  /** ENFORCEMENT_UNAVAILABLE until there are bundles. */
  readonly rules: () => RulesInForce;
  readonly lease: ServingLease;
  readonly credentials: Credentials;
  readonly gate: ApprovalGate;
  readonly records: CallRecorder;
  readonly upstreams: Pick<UpstreamDialler, 'dial'>;
  /** `always` syncs the intents of reads too. */
  readonly auditDurability: 'writes' | 'always';
  readonly approvalTtlSeconds: number;
  readonly onFault: (event: string, error: unknown) => void;
}

const NONE: readonly GrantedApproval[] = [];
/** A connection that was dialled and then not used. */
const UNUSED_IDLE_MS = 10_000;

/** A request that may go, with all that was found out about it. */
interface Admitted {
  readonly request: ValidRequest;
  readonly headers: readonly HeaderField[];
  readonly verdict: Allowed | Asked;
  readonly credential: ResolvedCredential;
  readonly subject: CallSubject;
}

/** A request to an owned host, from its head to its last record. */
export class Pipeline {
  readonly #parts: PipelineParts;
  readonly #active = new Roster<Call>();
  readonly #told = new ToldSteps();
  /** What the documents of each session say. */
  readonly #documents = new WeakMap<LiveSession, GraphqlDocuments>();
  #draining = false;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  readonly handle: ProxyHandlers<LiveSession>['handleExchange'] = async (tunnel, head, body, response, signal) => {
    const call = new Call(tunnel, head, body, response, signal);
    const seat = this.#active.enter(call);
    try {
      await this.#mediate(call);
    } catch (error) {
      await this.#refuse(call, error);
    } finally {
      call.end();
      this.#active.leave(seat);
    }
  };

  /** The rules changed: what runs and would not be allowed any more is cut. */
  recheckActive(): void {
    for (const call of this.#active) {
      if (call.stillAllowed?.() === false) call.cut(new AileronError('POLICY_DENIED', { reason: 'policy-changed' }));
    }
  }

  /** A vault changed: what runs with a credential that is gone or another one now is cut. */
  async recheckCredentials(): Promise<void> {
    const using = [...this.#active].filter(({ stillBound }) => stillBound !== null);
    const recheck = async (call: Call): Promise<void> => {
      if ((await call.stillBound?.()) === false)
        call.cut(new AileronError('CREDENTIAL_BINDING_REFUSED', { reason: 'vault-changed' }));
    };
    await Promise.all(using.map(recheck));
  }

  /** Requests that are not over. */
  get active(): number {
    return this.#active.size;
  }

  /**
   * Takes no more requests and lets those that run end, for a bounded time; what then still runs is cut. What waits for a
   * person is answered at once: its approval goes on waiting, and the agent's retry finds it.
   */
  async drain(withinMs: number): Promise<void> {
    this.#draining = true;
    const stopping = stoppingError();
    for (const call of this.#active) if (call.step === 'hold') call.cut(stopping);
    await this.idle(withinMs);
    this.cutActive(stopping);
  }

  /** Once every call, or every call of one session, has ended and said how, or time is up. */
  async idle(withinMs: number, sessionId?: string): Promise<void> {
    const deadline = performance.now() + withinMs;
    const goesOn = ({ session }: Call) => sessionId === undefined || session.sessionId === sessionId;
    while ([...this.#active].some(goesOn) && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** The keys of a session are gone: what runs with them ends. What waits for a person has none yet, and goes on waiting. */
  cutSession(sessionId: string, error: AileronError): void {
    for (const call of this.#active) if (call.session.sessionId === sessionId && call.step !== 'hold') call.cut(error);
  }

  /** Nothing can be enforced now. */
  cutActive(error: AileronError): void {
    for (const call of this.#active) call.cut(error);
  }

  /** ARCHITECTURE section 4. The order is the security: nothing is dialled or decrypted above `intent`. */
  async #mediate(call: Call): Promise<void> {
    const rules = call.at('accept', () => this.#accept(call));
    const endpoint = call.at('match', () => matchEndpoint(call, rules.connectors.matcher));
    const request = await call.at('validate', () => this.#validate(call, rules, endpoint));
    const headers = call.at('validate', () => screenHeaders(call, request));
    const verdict = call.at('policy', () => decideCall(call, request, rules.policy));
    const { credential, subject } = await call.at('hold', () => this.#bind(call, request, verdict));
    const admitted = { request, headers, verdict, credential, subject };
    const granted = verdict.verdict === 'ask' ? await call.at('hold', () => this.#hold(call, verdict, subject)) : NONE;
    await call.at('recheck', () => this.#recheck(call, admitted, rules, granted));
    await call.at('intent', () => this.#recordIntent(call, admitted, granted));
    assertGoingOn(call);
    const upstream = await call.at('dial', () => this.#dial(call, request));
    const secret = await call.at('decrypt', () => this.#decrypt(call, admitted));
    const answer = await call.at('inject', () => send(call, admitted, upstream, secret));
    const usage = await call.at('stream', () => relay(call, request, answer));
    const settled = call.at('settle', () => usage.settle());
    await call.at('outcome', () => this.#recordOutcome(call, settled));
    await call.response.end();
  }

  #accept(call: Call): RulesInForce {
    if (this.#draining) throw stoppingError();
    assertGoingOn(call);
    this.#parts.lease.assertAlive();
    const rules = this.#parts.rules();
    assertReachable(call.session, call.head.host, rules.connectors.matcher);
    return rules;
  }

  #validate(call: Call, { connectors }: RulesInForce, endpoint: HeadMatch): ValidRequest | Promise<ValidRequest> {
    const documents = this.#documents.get(call.session) ?? new GraphqlDocuments();
    this.#documents.set(call.session, documents);
    return validateRequest(call, connectors.matcher, endpoint, documents);
  }

  /** Which credential it would use, and so what exactly an approver would approve. Opens nothing. */
  async #bind(call: Call, { match, body }: ValidRequest, verdict: Allowed | Asked) {
    const credential = await this.#parts.credentials.resolve(useOf(call, match));
    const { session, head } = call;
    const { sha256: bodySha256 } = call.body;
    const subject = subjectOf({ session, head, match, body, bodySha256, credential, hidden: call.facts.arguments });
    call.learn({ digest: toBase64Url(subject.digest) });
    if (session.authority.unshared) {
      // The session is unlocked: its authority can be put at rest, so that a crash while a person thinks loses nothing.
      const sealed = session.authority
        .seal()
        .catch((error: unknown) => this.#parts.onFault('session.seal-failed', error));
      if (verdict.verdict === 'ask') await sealed;
    }
    return { credential, subject };
  }

  #hold(call: Call, asked: Asked, subject: CallSubject): Promise<readonly GrantedApproval[]> {
    const { gate, records, approvalTtlSeconds: defaultTtlSeconds } = this.#parts;
    return holdForApproval({ call, asked, subject, gate, records, told: this.#told, defaultTtlSeconds });
  }

  /** The last look before anything is on record as sent; approvals are used up here, each once. */
  #recheck(call: Call, admitted: Admitted, decidedBy: RulesInForce, granted: readonly GrantedApproval[]) {
    const { lease, rules } = this.#parts;
    const { request } = admitted;
    const check = { call, request, decidedBy, lease, granted: granted.map(({ rule }) => rule) };
    const mayGoOn = (): void => {
      recheckCall({ ...check, now: rules() });
      assertReachable(call.session, call.head.host, rules().connectors.matcher);
      call.stillAllowed = () => this.#isAllowed(call, request, check.granted);
    };
    mayGoOn();
    return granted.length === 0 ? undefined : this.#useUp(call, admitted, granted).then(mayGoOn);
  }

  async #useUp(call: Call, admitted: Admitted, granted: readonly GrantedApproval[]): Promise<void> {
    const { credentials, gate, records } = this.#parts;
    const { request, credential, subject } = admitted;
    const present = await credentials.resolve(useOf(call, request.match));
    if (!isSameCredential(present, credential))
      throw new AileronError('APPROVAL_INVALID', { reason: 'credential-changed' });
    for (const approval of granted) {
      assertGoingOn(call);
      await gate.consume(approval, { tenantId: call.session.tenantId, signal: call.signal });
      const { approvalId, approver, keyId, rule } = approval;
      await recordStep({ call, subject, records, told: this.#told }, rule, {
        approvalId,
        approver,
        keyId,
        state: 'consumed',
        reason: null,
      });
    }
  }

  #isAllowed(call: Call, { match }: ValidRequest, approvals: readonly string[]): boolean {
    try {
      const { connectors, policy } = this.#parts.rules();
      const { session, head } = call;
      const where = { session: session.info, method: head.method, host: head.host };
      return connectors.holds(match) && evaluate({ policy, match, ...where, approvals }).verdict === 'allow';
    } catch {
      return false;
    }
  }

  #recordIntent(call: Call, admitted: Admitted, granted: readonly GrantedApproval[]): Promise<void> {
    const { request, verdict, credential, subject } = admitted;
    const { operation } = request.match;
    const [first] = granted;
    const facts: IntentFacts = {
      connector: request.match.connector.name,
      operation: operation.name,
      arguments: call.facts.arguments ?? {},
      digest: call.facts.digest ?? toBase64Url(subject.digest),
      policy: call.facts.policy ?? { version: 0, verdict: verdict.verdict, rule: null },
      approval: first === undefined ? null : { id: first.approvalId, approver: first.approver },
      credential: credential.credentialId,
    };
    const durable =
      this.#parts.auditDurability === 'always' || operation.effect === 'write' || verdict.verdict === 'ask';
    return this.#parts.records.intent(call, facts, { durable });
  }

  async #dial(call: Call, { match }: ValidRequest): Promise<UpstreamConnection> {
    const { tenantId, sessionId } = call.session;
    const scope = { tenantId, sessionId, connector: match.connector.name };
    const { host, port } = call.head;
    const upstream = await this.#parts.upstreams.dial({ scope, host, port, signal: call.signal });
    call.onEnd(() => {
      if (!call.progress.sent) upstream.release(UNUSED_IDLE_MS);
    });
    return upstream;
  }

  async #decrypt(call: Call, { request, credential }: Admitted): Promise<Secret> {
    const secret = await this.#parts.credentials.decrypt({ ...useOf(call, request.match), credential });
    call.onEnd(() => secret.zero());
    const { credentials } = this.#parts;
    call.stillBound = () => isStillBound({ credentials, use: useOf(call, request.match), used: credential });
    assertGoingOn(call);
    return secret;
  }

  #recordOutcome(call: Call, settled: Pick<OutcomeFacts, 'tokens' | 'costUsd'>): Promise<void> {
    const state = (call.progress.status ?? 500) >= 500 ? 'upstream-error' : 'ok';
    return this.#parts.records.outcome(call, { state, ...settled });
  }

  /** One problem body, one record; an intent that is open gets its outcome first. */
  async #refuse(call: Call, thrown: unknown): Promise<void> {
    const error = nameError(call, thrown);
    if (error.details['sent'] === false) call.progress.sent = false;
    if (error.code === 'INTERNAL') this.#parts.onFault('call.failed', thrown);
    const { progress } = call;
    if (progress.intentId !== null && !progress.outcomeWritten) {
      const settled = call.usage?.settle() ?? {};
      await this.#parts.records
        .outcome(call, { state: endOf(call), ...settled })
        .catch((lost: unknown) => this.#parts.onFault('audit.outcome-lost', lost));
    }
    const auditId = progress.sent ? progress.intentId : await this.#parts.records.refused(call, error);
    await answerRefusal(call, error, auditId);
  }
}

const stoppingError = (): AileronError =>
  new AileronError('ENFORCEMENT_UNAVAILABLE', { reason: 'the proxy is stopping' });

/** How a call ended that did not end well. */
function endOf({ progress, step, signal }: Call): OutcomeFacts['state'] {
  if (progress.status !== null) return 'cut';
  if (progress.sent) return 'unknown';
  return step === 'dial' && !signal.aborted ? 'upstream-error' : 'cut';
}

function screenHeaders(call: Call, { match }: ValidRequest): readonly HeaderField[] {
  const { connector, operation } = match;
  call.learn({ connector: connector.name, operation: operation.name, arguments: hiddenArguments(match) });
  return screenAgentCredentials(call.head, connector.credential);
}

/** Nothing of the agent's own credentials is in `headers`; the real one is written by the upstream's head writer. */
async function send(
  call: Call,
  admitted: Admitted,
  upstream: UpstreamConnection,
  secret: Secret,
): Promise<UpstreamResponse> {
  const { head, progress } = call;
  const { request, headers } = admitted;
  const { header: headerName, prefix } = request.match.connector.credential;
  const scrubber = new SecretScrubber(secret);
  call.scrubber = scrubber;
  call.onEnd(() => scrubber.zero());
  const body = request.body ?? call.body.stream();
  progress.sent = true;
  progress.bytesOut = request.body?.length ?? call.body.declaredLength ?? 0;
  const answer = await sendRequest(upstream, {
    method: head.method,
    host: head.host,
    port: head.port,
    target: head.target,
    headers,
    injection: { headerName, prefix, secret },
    scrubber,
    body: call.body.declaredLength === 0 ? null : body,
    bodyLength: request.body?.length ?? call.body.declaredLength,
    signal: call.signal,
  });
  progress.status = answer.status;
  return answer;
}

/** The answer passes, scrubbed; its end waits for the outcome to be on record. */
async function relay(call: Call, { match }: ValidRequest, upstream: UpstreamResponse): Promise<CallUsage> {
  const usage = new CallUsage(match.operation, upstream.headers);
  call.usage = usage;
  await relayResponse({
    upstream,
    response: call.response,
    leaveOpen: true,
    scrubber: call.scrubber,
    onChunk: (chunk) => {
      call.progress.bytesIn += chunk.length;
      usage.push(chunk);
    },
  });
  return usage;
}

function useOf(call: Call, { connector, operation }: ValidRequest['match']) {
  const { tenantId, sessionId } = call.session;
  return {
    tenantId,
    sessionId,
    connector: connector.name,
    operation: operation.name,
    host: call.head.host,
    signal: call.signal,
  };
}
