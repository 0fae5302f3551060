import { AileronError } from '@aileron/errors';
import type { WorkspaceProvisioner } from '@aileron/provisioner';
import { askedSessionId } from '../sessions/asked-session.js';
import type { ExecutionSessionPort, StartedSession } from '../sessions/execution-session.port.js';
import { isSameFirewall, type SessionFirewalls } from '../sessions/session-firewalls.service.js';
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
  readonly firewalls: SessionFirewalls;
  readonly agents: readonly string[];
  readonly sessionSeconds: number;
  readonly now: () => number;
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

/**
 * It is on record before it is asked for: should this manager die in between, or the answer be lost, the sweep of sessions
 * finds and ends it, as it does those of earlier launches.
 */
async function openSession(context: LaunchContext): Promise<StartedSession> {
  const { held, sessions, firewalls, agents, sessionSeconds, signal } = context;
  const { workspaceId, fence } = held;
  const firewall = firewalls.of(held.record);
  const asked = { agent: agents[0] ?? 'none', requestId: `${workspaceId}.${fence}` };
  const askedId = askedSessionId(asked);
  const latest = new Date(context.now() + sessionSeconds * 1_000);
  await held.report({ name: 'heartbeat' }, { session: { sessionId: askedId, launch: fence, expiresAt: latest } });
  const session = await sessions.start({ ...asked, workspaceId, firewall, ttlSeconds: sessionSeconds }, signal);
  const { sessionId, expiresAt } = session;
  const known = { sessionId, launch: fence, expiresAt, inPlaceOf: askedId };
  const record = await held.report({ name: 'heartbeat' }, { session: known });
  // Who changes the settings from now on finds this session; what changed before reaches it before anything runs.
  if (!isSameFirewall(firewalls.of(record), firewall)) await firewalls.apply(sessionId, record, signal);
  return session;
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
