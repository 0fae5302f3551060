import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Resolver } from '@aileron/egress';
import { AileronError } from '@aileron/errors';
import { type Logger } from '@aileron/telemetry';
import { importSigningKey } from '@aileron/vault';
import { AgentApi } from './agent-api/agent-api.js';
import { type ProxyConfig } from './config.js';
import { ApprovalGate } from './hold/approval-gate.js';
import { openSessionListener } from './listener/session-listener.js';
import { Pipeline } from './pipeline.js';
import { type Approvals } from './ports/approvals.port.js';
import { type AuditSink } from './ports/audit-sink.port.js';
import { type Clock } from './ports/clock.port.js';
import { type Credentials } from './ports/credentials.port.js';
import { type DataPlane, type DataPlaneEvent, type SessionInfo } from './ports/data-plane.port.js';
import { type OwnRecords } from './ports/own-records.port.js';
import { type StateSealer } from './ports/state-sealer.port.js';
import { proxyHandlers } from './proxy-handlers.js';
import { type AuditLog, type AuditLogOptions, type NewRecord } from './record/audit-log.js';
import { AuditShipper } from './record/audit-shipper.js';
import { CallRecorder } from './record/call-recorder.js';
import { startCheckpoints } from './record/checkpoint-timer.js';
import { openAuditLog } from './record/open-audit-log.js';
import { whoOf } from './record/who.js';
import { selfTest } from './self-test.js';
import { DataPlaneWatcher } from './sessions/data-plane.watcher.js';
import { makePrivateDirectory } from './sessions/private-files.js';
import { RulesKeeper } from './sessions/rules-keeper.js';
import { assertSocketPathFits } from './sessions/runtime-directory.js';
import { ServingLease } from './sessions/serving-lease.js';
import { type SessionEventName, SessionRegistry } from './sessions/session-registry.js';
import { importTrustedKeys, type TrustedKeys } from './sessions/trusted-keys.js';
import { UpstreamDialler } from './upstream/upstream-dialler.js';
import { VERSION } from './version.js';

/** What the proxy needs of others. */
export interface ProxyPorts {
  readonly dataPlane: DataPlane;
  readonly approvals: Approvals;
  readonly auditSink: AuditSink;
  readonly ownRecords: OwnRecords;
  readonly credentials: Credentials;
  readonly sealer: StateSealer;
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly logger: Logger;
  /** For tests of a broken disk. */
  readonly openLogTarget?: AuditLogOptions['openTarget'];
}

const PROVE_EVERY_MS = 60_000;
const MAX_SESSIONS = 1_000;
const REPORT_DEADLINE_MS = 5_000;
/** At a stop: for calls to write how they ended, and for the log to be sent on. */
const LAST_RECORDS_MS = 1_000;
const LAST_SHIPMENT_MS = 2_000;

/** A proxy at work: its parts, put together once, and taken down in reverse. */
export class ProxyRuntime {
  readonly #config: ProxyConfig;
  readonly #ports: ProxyPorts;
  readonly #log: AuditLog;
  readonly #lease: ServingLease;
  readonly #rules: RulesKeeper;
  readonly #pipeline: Pipeline;
  readonly #registry: SessionRegistry;
  readonly #watcher: DataPlaneWatcher;
  readonly #shipper: AuditShipper;
  readonly #dialler: UpstreamDialler;
  readonly #records: CallRecorder;
  readonly #stopTimers: (() => void)[] = [];

  /** Opens folders, keys and the audit log; what is wrong with them fails the start. */
  static async start(config: ProxyConfig, ports: ProxyPorts): Promise<ProxyRuntime> {
    assertSocketPathFits(config.socketRoot);
    for (const path of [config.dataDirectory, stateDirectory(config), config.socketRoot])
      await makePrivateDirectory(path);
    const trusted = await importTrustedKeys(config);
    const log = await openAuditLog({
      root: join(config.dataDirectory, 'audit'),
      tenantId: config.tenantId,
      signingKey: await importSigningKey(config.auditSigningKey),
      clock: ports.clock,
      random: (length) => randomBytes(length),
      maxFileBytes: config.auditFileBytes,
      warn: (event, detail) => ports.logger.error(detail, event),
      ...(ports.openLogTarget !== undefined && { openTarget: ports.openLogTarget }),
    });
    const runtime = new ProxyRuntime(config, ports, trusted, log);
    await log.append({ kind: 'system', event: 'proxy.started', detail: { proxyId: config.proxyId, version: VERSION } });
    runtime.#begin();
    return runtime;
  }

  private constructor(config: ProxyConfig, ports: ProxyPorts, trusted: TrustedKeys, log: AuditLog) {
    const { clock, logger } = ports;
    this.#config = config;
    this.#ports = ports;
    this.#log = log;
    this.#lease = new ServingLease(clock);
    this.#dialler = new UpstreamDialler({ resolver: ports.resolver, upstreamMap: config.upstreamMap });
    this.#records = new CallRecorder(log, (error, kind) => this.#fault('audit.record-lost', error, { kind }));
    this.#rules = this.#makeRules(trusted);
    this.#pipeline = this.#makePipeline(trusted);
    this.#registry = this.#makeRegistry();
    this.#watcher = this.#makeWatcher();
    this.#shipper = new AuditShipper({
      log,
      sink: ports.auditSink,
      warn: (event, detail) => logger.warn(detail, event),
    });
  }

  /** Whether requests can pass: rules in force, and the management plane heard of late. */
  get serving(): boolean {
    return this.#lease.alive && this.#rules.inForce;
  }

  /** Sessions go on after a restart; what is open is cut, and on record. */
  async stop(): Promise<void> {
    for (const stop of this.#stopTimers) stop();
    await this.#watcher.stop();
    this.#pipeline.cutActive(new AileronError('ENFORCEMENT_UNAVAILABLE', { reason: 'the proxy is stopping' }));
    await this.#pipeline.idle(LAST_RECORDS_MS);
    await this.#registry.close();
    await this.#pipeline.idle(LAST_RECORDS_MS);
    this.#dialler.close();
    await this.#log.append({ kind: 'system', event: 'proxy.stopped' }).catch(() => undefined);
    await this.#log.checkpoint().catch(() => undefined);
    await this.#shipper.stop(LAST_SHIPMENT_MS);
    await this.#log.close();
  }

  #begin(): void {
    const { clock, logger } = this.#ports;
    const warn = (error: unknown) => logger.error({ code: AileronError.from(error).code }, 'audit.checkpoint-failed');
    const everySeconds = this.#config.checkpointSeconds;
    this.#stopTimers.push(startCheckpoints({ log: this.#log, everySeconds, now: () => clock.now(), warn }));
    const prove = setInterval(() => void this.#prove(), PROVE_EVERY_MS);
    prove.unref();
    this.#stopTimers.push(() => clearInterval(prove));
    this.#shipper.start();
    this.#registry.start();
    this.#watcher.start();
  }

  #makeRules({ admins }: TrustedKeys): RulesKeeper {
    return new RulesKeeper({
      tenantId: this.#config.tenantId,
      admins,
      selfTest,
      onBundle: async (event) => {
        const { logger } = this.#ports;
        if (event.event === 'refused') logger.error(event, 'bundle.refused');
        else logger.info(event, 'bundle.installed');
        await this.#tryRecord({ kind: 'policy', ...event });
      },
      onSelfTest: async (failure) => {
        if (failure !== null) this.#fault('self-test.failed', failure);
        const reason = failure?.details['reason'];
        const detail = typeof reason === 'string' ? { detail: { reason } } : {};
        await this.#tryRecord({
          kind: 'system',
          event: failure === null ? 'self-test.passed' : 'self-test.failed',
          ...detail,
        });
      },
    });
  }

  #makePipeline({ approvers }: TrustedKeys): Pipeline {
    const { approvals, clock, credentials } = this.#ports;
    const { holdSeconds, maxHeld, auditDurability, approvalTtlSeconds } = this.#config;
    return new Pipeline({
      rules: () => this.#rules.current,
      lease: this.#lease,
      credentials,
      gate: new ApprovalGate({ approvals, approvers, clock, holdSeconds, maxHeld }),
      records: this.#records,
      upstreams: this.#dialler,
      auditDurability,
      approvalTtlSeconds,
      onFault: (event, error) => this.#fault(event, error),
    });
  }

  #makeRegistry(): SessionRegistry {
    const { clock, sealer } = this.#ports;
    const { tenantId, socketRoot } = this.#config;
    const registry: SessionRegistry = new SessionRegistry({
      tenantId,
      socketRoot,
      stateDirectory: stateDirectory(this.#config),
      sealer,
      clock,
      maxSessions: MAX_SESSIONS,
      openListener: ({ session: { sessionId }, socketPath: path }) =>
        openSessionListener({ path, sessionId, handlers, dialler: this.#dialler, clock }),
      report: (session, report) => this.#report(session, report),
      onEvent: (session, event, reason) => this.#recordSession(session, event, reason),
      onFault: (event, error, session) => this.#fault(event, error, { sessionId: session?.sessionId }),
    });
    const findSession = (sessionId: string) => registry.find(sessionId);
    const rules = () => this.#rules.current;
    const agentApi = new AgentApi({
      findSession,
      records: this.#ports.ownRecords,
      rules,
      serving: () => this.serving,
      version: VERSION,
    });
    const [lease, pipeline, records, { egress }] = [this.#lease, this.#pipeline, this.#records, this.#config];
    const handlers = proxyHandlers({ findSession, lease, rules, pipeline, agentApi, records, egress });
    return registry;
  }

  #makeWatcher(): DataPlaneWatcher {
    return new DataPlaneWatcher({
      dataPlane: this.#ports.dataPlane,
      proxyId: this.#config.proxyId,
      version: VERSION,
      lease: this.#lease,
      onEvent: (event) => this.#take(event),
      onLapse: () => {
        this.#pipeline.cutActive(new AileronError('ENFORCEMENT_UNAVAILABLE', { reason: 'management-plane-silent' }));
        this.#registry.cutAll();
      },
      warn: (event, detail) => this.#ports.logger.warn(detail, event),
    });
  }

  async #take(event: DataPlaneEvent): Promise<void> {
    switch (event.kind) {
      case 'snapshot':
        await this.#install({ connector: event.connectorBundle, policy: event.policyBundle });
        return this.#registry.replaceAll(event.sessions);
      case 'session':
        return this.#registry.learn(event.session);
      case 'connector-bundle':
        return this.#install({ connector: event.bundle, policy: null });
      case 'policy-bundle':
        return this.#install({ connector: null, policy: event.bundle });
      case 'heartbeat':
    }
  }

  async #install(bundles: Parameters<RulesKeeper['install']>[0]): Promise<void> {
    if (await this.#rules.install(bundles)) this.#pipeline.recheckActive();
  }

  async #prove(): Promise<void> {
    if (await this.#rules.prove()) this.#pipeline.recheckActive();
  }

  async #report(session: SessionInfo, report: Parameters<DataPlane['report']>[0]['report']): Promise<void> {
    const { tenantId, sessionId } = session;
    const signal = AbortSignal.timeout(REPORT_DEADLINE_MS);
    await this.#ports.dataPlane.report({ tenantId, sessionId, proxyId: this.#config.proxyId, report, signal });
  }

  async #recordSession(session: SessionInfo, event: SessionEventName, reason?: string): Promise<void> {
    this.#ports.logger.info({ sessionId: session.sessionId, reason }, `session.${event}`);
    await this.#tryRecord({ kind: 'session', ...whoOf(session), event, ...(reason !== undefined && { reason }) });
  }

  async #tryRecord(record: NewRecord): Promise<void> {
    await this.#log
      .append(record)
      .catch((error: unknown) => this.#fault('audit.record-lost', error, { kind: record.kind }));
  }

  #fault(event: string, error: unknown, detail: Record<string, unknown> = {}): void {
    const { code, details, cause } = AileronError.from(error);
    this.#ports.logger.error({ ...detail, code, details, err: cause ?? error }, event);
  }
}

const stateDirectory = ({ dataDirectory }: ProxyConfig) => join(dataDirectory, 'sessions');
