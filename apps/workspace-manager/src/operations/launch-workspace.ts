import { AileronError } from '@aileron/errors';
import type { WorkspaceProvisioner } from '@aileron/provisioner';
import type { ExecutionSessionPort, SessionFirewall, StartedSession } from '../sessions/execution-session.port.js';
import type { HeldOperation } from './held-operation.js';
import { OperationSteps } from './operation-steps.js';
import type { StepLog } from './step-log.js';

const VOLUME_STEP = 'volume';
const SESSION_STEP = 'session';
const LAUNCH_STEP = 'parts';

export interface LaunchContext {
  readonly held: HeldOperation;
  readonly log: StepLog;
  readonly provisioner: WorkspaceProvisioner;
  readonly sessions: ExecutionSessionPort;
  readonly firewall: SessionFirewall;
  readonly agents: readonly string[];
  readonly sessionSeconds: number;
  readonly signal: AbortSignal;
}

/** A launch of a workspace: its volume, a session that is its only way out, then runtime and terminal. */
export async function launchWorkspace(context: LaunchContext): Promise<void> {
  const { held, log, provisioner } = context;
  const launchSteps = provisioner.launchSteps ?? [LAUNCH_STEP];
  const steps = new OperationSteps(held, log, [VOLUME_STEP, SESSION_STEP, ...launchSteps]);
  await steps.plan();
  await steps.run(VOLUME_STEP, () => prepareVolume(context));
  await tellReady(held, 'volume');
  const session = await steps.run(SESSION_STEP, () => openSession(context));
  await tellReady(held, 'policy');
  const start = () => startParts(context, session, steps);
  await (provisioner.launchSteps === undefined ? steps.run(LAUNCH_STEP, start) : start());
  await steps.settled();
}

/** Only a creation makes one: what is gone is not replaced by an empty folder. */
async function prepareVolume({ held, provisioner, signal }: LaunchContext): Promise<void> {
  if (held.record.state.operation?.kind === 'create') return provisioner.ensureVolume(held.workspaceId, signal);
  const { volume } = await provisioner.inspect(held.workspaceId, signal);
  if (volume === 'missing') throw new AileronError('VOLUME_MISSING', { workspaceId: held.workspaceId });
}

/** Those of earlier launches are ended by the sweep of sessions, also when this manager dies now. */
async function openSession(context: LaunchContext): Promise<StartedSession> {
  const { held, sessions, firewall, agents, sessionSeconds, signal } = context;
  const agent = agents[0] ?? 'none';
  const requestId = `${held.workspaceId}.${held.fence}`;
  const input = { workspaceId: held.workspaceId, agent, firewall, ttlSeconds: sessionSeconds, requestId };
  const session = await sessions.start(input, signal);
  try {
    const { sessionId, expiresAt } = session;
    await held.report({ name: 'heartbeat' }, { session: { sessionId, launch: held.fence, expiresAt } });
    return session;
  } catch (error) {
    await sessions.end(session.sessionId, AbortSignal.timeout(5_000)).catch(() => undefined);
    throw error;
  }
}

async function startParts(context: LaunchContext, session: StartedSession, steps: OperationSteps): Promise<void> {
  const { held, provisioner, agents, signal } = context;
  const { name, image, workspaceId } = held.record;
  const { sessionId, agentToken, runtimeDirectory } = session;
  const launch = { workspaceId, name, launch: held.fence, agents, image };
  await provisioner.launch({ ...launch, session: { sessionId, agentToken, runtimeDirectory } }, steps.progress, signal);
}

const tellReady = async (held: HeldOperation, component: 'volume' | 'policy'): Promise<void> => {
  await held.report({ name: 'condition', component, status: 'ready', reason: 'ready', message: '' });
};
