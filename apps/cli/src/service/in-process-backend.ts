import { credentialService } from '@aileron/credential-service/service';
import { AileronError } from '@aileron/errors';
import { mgmtPlane } from '@aileron/mgmt-plane/service';
import { proxy } from '@aileron/proxy/service';
import {
  runServices,
  serviceToRun,
  startOpsServer,
  type OpsServer,
  type Platform,
  type RunningServices,
} from '@aileron/service-host';
import { createMetrics, mergeExpositions, type Logger, type Metrics } from '@aileron/telemetry';
import { VERSION } from '../version.js';
import type { Backend } from './backend.js';
import { endWorkspaces } from './end-workspaces.js';
import type { PartConfigs } from './part-configs.js';
import type { WorkspacePlane } from './workspace-plane.js';

export interface InProcessInput {
  readonly configs: PartConfigs;
  readonly logger: Logger;
  /** Of health and metrics, on loopback; 0 for any free one, undefined for none. */
  readonly opsPort: number | undefined;
  /** Undefined: no workspaces are managed. */
  readonly workspacePlane: WorkspacePlane | undefined;
}

/** The services in this process, a Nest context each. */
export async function startInProcess(input: InProcessInput): Promise<Backend> {
  const { configs, logger, opsPort, workspacePlane } = input;
  const metrics = new Map<string, Metrics>();
  const platform = (service: string): Platform => {
    const own = metrics.get(service) ?? createMetrics(service);
    metrics.set(service, own);
    return { logger: logger.child({ service }), metrics: own, clock: { now: () => Date.now() } };
  };
  const running = await runServices(
    [
      serviceToRun(mgmtPlane, configs.mgmtPlane),
      serviceToRun(credentialService, configs.credentialService),
      serviceToRun(proxy, configs.proxy),
      ...(workspacePlane === undefined ? [] : [workspacePlane.manager]),
    ],
    { platform },
  );
  let ops: OpsServer | null = null;
  // In reverse: it tells of its health until the last, and whatever of it fails to end, the rest ends.
  const closing = new AsyncDisposableStack();
  closing.defer(async () => ops?.close());
  if (workspacePlane !== undefined) closing.defer(() => endWorkspaces(workspacePlane.provisioners, logger));
  closing.defer(() => running.close());
  try {
    if (opsPort !== undefined) ops = await startOps(running, { metrics, port: opsPort });
    const board = await workspacePlane?.startBoard(logger);
    closing.defer(async () => board?.close());
    return {
      url: urlOf(running, mgmtPlane.name),
      workspacesUrl: workspacePlane === undefined ? null : urlOf(running, workspacePlane.manager.definition.name),
      boardUrl: board?.url ?? null,
      processes: [{ service: 'aileron', pid: process.pid, ops: ops?.url ?? null }],
      close: () => closing.disposeAsync(),
    };
  } catch (error) {
    await closing.disposeAsync();
    throw error;
  }
}

function urlOf(running: RunningServices, service: string): string {
  const { url } = running.service(service);
  if (url === undefined) throw new AileronError('INTERNAL', { reason: 'no-rest-api' });
  return url;
}

function startOps(
  running: RunningServices,
  { metrics, port }: { readonly metrics: ReadonlyMap<string, Metrics>; readonly port: number },
): Promise<OpsServer> {
  const readiness = async () =>
    Object.fromEntries(
      await Promise.all(running.services.map(async (service) => [service.name, await service.isReady()] as const)),
    );
  const all = [createMetrics('aileron').observeProcess(), ...metrics.values()];
  return startOpsServer(
    {
      service: 'aileron',
      version: VERSION,
      readiness,
      metrics: async () => mergeExpositions(await Promise.all(all.map((own) => own.render()))),
    },
    { host: '127.0.0.1', port },
  );
}
