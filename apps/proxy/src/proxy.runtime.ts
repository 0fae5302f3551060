import { join } from 'node:path';
import { AileronError } from '@aileron/errors';
import { importSigningKey } from '@aileron/vault';
import { AgentApi } from './agent-api/agent-api.js';
import { type ProxyConfig } from './config.js';
import { ApprovalGate } from './hold/approval-gate.js';
import { Firewall } from './firewall/firewall.js';
import { openListeners } from './listener/open-listeners.js';
import { openPortListener, type PortListener } from './listener/port-listener.js';
import { type ProxyHandlers } from './exchange.js';
import { Pipeline } from './pipeline.js';
import { type DataPlaneEvent, type SessionInfo, type SessionReport } from './ports/data-plane.port.js';
import { proxyHandlers } from './proxy-handlers.js';
import { type ProxyPorts } from './proxy-ports.js';
import { type AuditLog, type NewRecord } from './record/audit-log.js';
import { AuditShipper } from './record/audit-shipper.js';
import { CallRecorder } from './record/call-recorder.js';
import { startCheckpoints } from './record/checkpoint-timer.js';
import { ProxyMetrics } from './record/proxy-metrics.js';
import { openAuditLog } from './record/open-audit-log.js';
import { randomPool } from './record/random-pool.js';
import { whoOf } from './record/who.js';
import { selfTest } from './self-test.js';
import { BundleVersions } from './sessions/bundle-versions.js';
import { DataPlaneWatcher } from './sessions/data-plane.watcher.js';
import { type LiveSession } from './sessions/live-session.js';
import { makePrivateDirectory } from './sessions/private-files.js';
import { RulesKeeper } from './sessions/rules-keeper.js';
import { assertSocketPathFits } from './sessions/runtime-directory.js';
import { ServingLease } from './sessions/serving-lease.js';
import { type SessionEventName, SessionRegistry } from './sessions/session-registry.js';
import { importTrustedKeys, type TrustedKeys } from './sessions/trusted-keys.js';
import { UpstreamDialler } from './upstream/upstream-dialler.js';
import { VERSION } from './version.js';

const PROVE_EVERY_MS = 60_000;
const MAX_SESSIONS = 1_000;
const REPORT_DEADLINE_MS = 5_000;
/** How old a vault can be that credential-service answers with. */
const VAULT_AGE_MS = 1_000;
/** At a stop: for requests that were sent to be answered. */
const DRAIN_MS = 5_000;
/** Then: for calls to write how they ended, and for the log to be sent on. */
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
  readonly #firewall: Firewall;
  readonly #handlers: ProxyHandlers<LiveSession>;
  #port: PortListener | null = null;
  readonly #stopTimers: (() => void)[] = [];

  /** Opens folders, keys and the audit log; what is wrong with them fails the start. */
  static async start(config: ProxyConfig, ports: ProxyPorts): Promise<ProxyRuntime> {
    assertSocketPathFits(config.socketRoot);
    for (const path of [config.dataDirectory, config.socketRoot]) await makePrivateDirectory(path);
    const trusted = await importTrustedKeys(config);
    const versions = await BundleVersions.open(join(config.dataDirectory, 'bundle-versions.json'), config.tenantId);
    const log = await openAuditLog({
      root: join(config.dataDirectory, 'audit'),
      tenantId: config.tenantId,
      signingKey: await importSigningKey(config.auditSigningKey),
      clock: ports.clock,
      random: randomPool(),
      maxFileBytes: config.auditFileBytes,
      warn: (event, detail) => ports.logger.error(detail, event),
      ...(ports.openLogTarget !== undefined && { openTarget: ports.openLogTarget }),
    });
    const runtime = new ProxyRuntime(config, ports, { trusted, versions, log });
    try {
      await runtime.#openPort();
    } catch (error) {
      await log.close();
      throw error;
    }
    await log.append({ kind: 'system', event: 'proxy.started', detail: { proxyId: config.proxyId, version: VERSION } });
    runtime.#begin();
    return runtime;
  }

  private constructor(
    config: ProxyConfig,
    ports: ProxyPorts,
    { trusted, versions, log }: { trusted: TrustedKeys; versions: BundleVersions; log: AuditLog },
  ) {
    const { clock, logger } = ports;
    this.#config = config;
    this.#ports = ports;
    this.#log = log;
    this.#lease = new ServingLease(clock);
    this.#dialler = new UpstreamDialler({ resolver: ports.resolver, upstreamMap: config.upstreamMap });
    const metrics = new ProxyMetrics(ports.metrics);
    const onLost = (error: unknown, kind: string) => this.#fault('audit.record-lost', error, { kind });
    this.#records = new CallRecorder(log, onLost, metrics.observe);
    this.#rules = this.#makeRules(trusted, versions);
    this.#firewall = this.#makeFirewall();
    this.#pipeline = this.#makePipeline(trusted);
    this.#registry = this.#makeRegistry();
    this.#handlers = this.#makeHandlers();
    this.#watcher = this.#makeWatcher();
    this.#shipper = new AuditShipper({
      log,
      sink: ports.auditSink,
      warn: (event, detail) => logger.warn(detail, event),
    });
    metrics.watch({
      sessions: () => this.#registry.all.length,
      active: () => this.#pipeline.active,
      serving: () => this.serving,
      unshipped: () => Math.max(0, log.place.seq - (this.#shipper.acknowledgedSeq ?? 0)),
    });
  }

  /** Whether requests can pass: rules in force, and the management plane heard of late. */
  get serving(): boolean {
    return this.#lease.alive && this.#rules.inForce;
  }

  /** Of the port, when it has one. */
  get address(): { readonly host: string; readonly port: number } | null {
    return this.#port === null ? null : { host: this.#port.host, port: this.#port.port };
  }

  /** Sessions go on after a restart; what is open is cut, and on record. */
  async stop(): Promise<void> {
    for (const stop of this.#stopTimers) stop();
    this.#port?.stopListening();
    // Still told of what ends meanwhile: draining revokes nothing later.
    await this.#pipeline.drain(DRAIN_MS);
    await this.#watcher.stop();
    await this.#pipeline.idle(LAST_RECORDS_MS);
    await this.#port?.close();
    await this.#registry.close();
    await this.#pipeline.idle(LAST_RECORDS_MS);
    this.#firewall.stop();
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
    this.#firewall.start();
    this.#registry.start();
    this.#watcher.start();
  }

  async #openPort(): Promise<void> {
    const { listen } = this.#config;
    if (listen === null) return;
    const { maxConnections, maxUnauthenticated, ...address } = listen;
    const { clock, logger } = this.#ports;
    const parts = { handlers: this.#handlers, dialler: this.#dialler, clock };
    this.#port = await openPortListener({ ...address, bounds: { maxConnections, maxUnauthenticated }, ...parts });
    logger.info({ ...this.address, tls: listen.tls !== null }, 'proxy.listening');
  }

  #makeRules({ admins }: TrustedKeys, versions: BundleVersions): RulesKeeper {
    return new RulesKeeper({
      tenantId: this.#config.tenantId,
      admins,
      versions,
      onFault: (event, error) => this.#fault(event, error),
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

  #makeFirewall(): Firewall {
    return new Firewall({
      owned: () => this.#rules.current.connectors.matcher,
      records: this.#records,
      clock: this.#ports.clock,
      onCut: ({ sessionId }, tunnels) => this.#ports.logger.info({ sessionId, tunnels }, 'firewall.cut'),
    });
  }

  #makeRegistry(): SessionRegistry {
    const { clock, sealer, authorities } = this.#ports;
    const { tenantId, proxyId, socketRoot } = this.#config;
    return new SessionRegistry({
      tenantId,
      proxyId,
      socketRoot,
      sealer,
      authorities,
      clock,
      maxSessions: MAX_SESSIONS,
      openListener: ({ session: { sessionId }, socketPath: path }) => {
        const parts = { handlers: this.#handlers, dialler: this.#dialler, clock };
        return openListeners({ path, sessionId, ...parts }, this.#port);
      },
      report: (session, report) => this.#report(session, report),
      onLocked: ({ sessionId }, error) => this.#pipeline.cutSession(sessionId, error),
      onFirewall: (session) => this.#firewall.recheck(session),
      settled: ({ sessionId }) => {
        this.#firewall.settle(sessionId);
        return this.#pipeline.idle(LAST_RECORDS_MS, sessionId);
      },
      onEvent: (session, event, reason) => this.#recordSession(session, event, reason),
      onFault: (event, error, session) => this.#fault(event, error, { sessionId: session?.sessionId }),
    });
  }

  #makeHandlers(): ProxyHandlers<LiveSession> {
    const findSession = (sessionId: string) => this.#registry.find(sessionId);
    const findByToken = (token: string) => this.#registry.findByToken(token);
    const rules = () => this.#rules.current;
    const agentApi = new AgentApi({
      findSession,
      records: this.#ports.ownRecords,
      rules,
      serving: () => this.serving,
      version: VERSION,
    });
    const [lease, pipeline, records, { egress }] = [this.#lease, this.#pipeline, this.#records, this.#config];
    return proxyHandlers({
      findSession,
      findByToken,
      lease,
      rules,
      pipeline,
      agentApi,
      records,
      firewall: this.#firewall,
      egress,
      logger: this.#ports.logger,
    });
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
        this.#recheckCredentials();
        return this.#registry.replaceAll(event.sessions);
      case 'session':
        return this.#registry.learn(event.session);
      case 'connector-bundle':
        return this.#install({ connector: event.bundle, policy: null });
      case 'policy-bundle':
        return this.#install({ connector: null, policy: event.bundle });
      case 'vaults-changed':
        return this.#recheckCredentials();
      case 'heartbeat':
    }
  }

  /** Twice: credential-service may remember a vault for a moment. */
  #recheckCredentials(): void {
    void this.#pipeline.recheckCredentials();
    const again = setTimeout(() => void this.#pipeline.recheckCredentials(), VAULT_AGE_MS);
    again.unref();
  }

  async #install(bundles: Parameters<RulesKeeper['install']>[0]): Promise<void> {
    if (await this.#rules.install(bundles)) this.#pipeline.recheckActive();
  }

  async #prove(): Promise<void> {
    if (await this.#rules.prove()) this.#pipeline.recheckActive();
  }

  async #report(session: SessionInfo, report: SessionReport): Promise<string | null> {
    const { tenantId, sessionId } = session;
    const whose = { tenantId, sessionId, proxyId: this.#config.proxyId };
    const signal = AbortSignal.timeout(REPORT_DEADLINE_MS);
    return (await this.#ports.dataPlane.report({ ...whose, report, signal })).caCertificatePem;
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
