import {
  WorkspaceId,
  type AgentState,
  type WorkspaceCondition,
  type WorkspaceStep,
  type WorkspaceView,
} from '@aileron/contracts/workspace';
import { Component, type Condition, type ConditionStatus, type Step, type WorkspaceState } from '@aileron/lifecycle';
import type { WorkspaceRecord } from './workspace-record.js';

/** A workspace as people and programs see it. */
export function viewOf(record: WorkspaceRecord): WorkspaceView {
  const { state, session } = record;
  const attentionReasons = attentionReasonsOf(record);
  const busy = record.agentStates.some((agent) => agent === 'working' || agent === 'starting');
  return {
    workspaceId: WorkspaceId.parse(record.workspaceId),
    name: record.name,
    provisioner: record.provisioner,
    template: record.template,
    phase: state.phase,
    reason: state.message === '' ? inWords(state.reason) : state.message,
    attention: attentionReasons.length > 0 ? 'needs-attention' : busy ? 'running' : 'idle',
    attentionReasons,
    ...partsOf(state),
    generation: state.intent.generation,
    sessionId: session?.sessionId ?? null,
    firewall: record.firewall,
    createdBy: record.createdBy,
    createdAt: record.createdAt.toISOString(),
    updatedAt: record.updatedAt.toISOString(),
  };
}

type Parts = Pick<WorkspaceView, 'conditions' | 'steps'>;
/** A state never changes, and is shown many times. */
const shown = new WeakMap<WorkspaceState, Parts>();

function partsOf(state: WorkspaceState): Parts {
  const known = shown.get(state);
  if (known !== undefined) return known;
  const parts = { conditions: conditionsOf(state), steps: (state.steps?.list ?? []).map(stepOf) };
  shown.set(state, parts);
  return parts;
}

type AttentionReason = WorkspaceView['attentionReasons'][number];

const ATTENTION: Partial<Record<AgentState, AttentionReason>> = {
  'waiting-approval': 'approval',
  'waiting-input': 'question',
  failed: 'failure',
  'context-lost': 'context-lost',
};

function attentionReasonsOf({ state, session, agentStates }: WorkspaceRecord): AttentionReason[] {
  const reasons = agentStates.flatMap((agent) => ATTENTION[agent] ?? []);
  if (state.phase === 'failed') reasons.push('failure');
  if (state.phase === 'running' && session?.locked === true) reasons.push('locked');
  return [...new Set(reasons)].toSorted();
}

const STATUS: Readonly<Record<ConditionStatus, WorkspaceCondition['status']>> = {
  pending: 'waiting',
  ready: 'ready',
  'not-ready': 'waiting',
  unknown: 'unknown',
  stopped: 'absent',
  failed: 'failed',
};

/** In one order: that of a stored object is the database's own. */
function conditionsOf({ conditions }: WorkspaceState): WorkspaceCondition[] {
  return Component.options.flatMap((component) => {
    const condition = conditions[component];
    return condition === undefined ? [] : [conditionOf(component, condition)];
  });
}

const conditionOf = (
  component: Component,
  { status, reason, message, since, deadline, attempt }: Condition,
): WorkspaceCondition => ({
  component,
  status: STATUS[status],
  reason: constantName(reason),
  message,
  since: isoTime(since),
  deadline: status === 'ready' || deadline === null ? null : isoTime(deadline),
  attempt,
});

const stepOf = ({ number, name, status, startedAt, endedAt, bytes, message }: Step): WorkspaceStep => ({
  number,
  title: name,
  status: status === 'pending' ? 'waiting' : status,
  startedAt: startedAt === null ? null : isoTime(startedAt),
  endedAt: endedAt === null ? null : isoTime(endedAt),
  bytes,
  error: status === 'failed' ? message : null,
});

const isoTime = (time: number): string => new Date(time).toISOString();

/** volume-lost → VolumeLost */
const constantName = (reason: string): string =>
  reason.replaceAll(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());

/** volume-lost → Volume lost. */
const inWords = (reason: string): string => `${reason.charAt(0).toUpperCase()}${reason.slice(1).replaceAll('-', ' ')}.`;
