import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkspaceEvent, WorkspaceEventsView } from '@aileron/contracts/workspace';
import type { WorkspaceClient } from '@aileron/contracts/workspace-client';
import { AileronError } from '@aileron/errors';
import { StreamCursor } from '@aileron/event-log';

export type SeenEvent = WorkspaceEvent | { readonly type: 'live' } | { readonly type: 'removed' };

const TRY_AGAIN_MS = 500;

/**
 * What happens to a workspace, from the beginning of what is known of it. A connection that breaks is made anew at the place
 * that was reached. Ends with `removed`, or with the signal.
 */
export async function* workspaceEvents(
  client: WorkspaceClient,
  { workspaceId, signal }: { readonly workspaceId: string; readonly signal: AbortSignal },
): AsyncGenerator<SeenEvent, void, undefined> {
  const cursor = new StreamCursor<WorkspaceEvent, WorkspaceEventsView>();
  while (!signal.aborted) {
    const query = cursor.position ?? {};
    try {
      for await (const delivery of client.watchWorkspace({ params: { workspaceId }, query, signal })) {
        const step = cursor.accept(delivery);
        if (step.do === 'apply') for (const { event } of step.events) yield event;
        if (step.do === 'replace') yield* eventsOf(step.snapshot);
        if (step.do === 'end' && step.reason === 'removed') return yield* removed();
        if (step.do === 'reattach' || step.do === 'end') break;
        if (delivery.type === 'live') yield { type: 'live' };
      }
    } catch (error) {
      if (signal.aborted) return;
      if (AileronError.is(error, 'NOT_FOUND')) return yield* removed();
      if (!isPassing(error)) throw error;
    }
    await sleep(TRY_AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
}

function* removed(): Generator<SeenEvent, void> {
  yield { type: 'removed' };
}

function* eventsOf({ workspace, lines }: WorkspaceEventsView): Generator<WorkspaceEvent> {
  for (const line of lines) yield { type: 'line', ...line };
  if (workspace !== null) yield { type: 'changed', workspace };
}

/** The service is started again, or its connection was cut. */
const PASSING = new Set(['SERVICE_NOT_RUNNING', 'UNAVAILABLE', 'DATABASE_UNAVAILABLE', 'DEADLINE_EXCEEDED']);
const isPassing = (error: unknown): boolean => !AileronError.is(error) || PASSING.has(error.code);
