import type { WorkspaceRecord } from '../workspaces/workspace-record.js';

/** What is to be watched of a workspace, and the launch under which what it says counts. */
export interface WatchTarget {
  readonly containerLaunch: number;
  readonly observedLaunch: number;
}

/** Null: nothing of it should run, or what runs is about to be another. */
export function watchTargetOf({ state, containerLaunch }: WorkspaceRecord): WatchTarget | null {
  const { operation, phase, launch } = state;
  const running = phase === 'running' ? { containerLaunch, observedLaunch: launch } : null;
  switch (operation?.kind) {
    case undefined:
      return running;
    case 'create':
    case 'start':
    case 'restart':
    case 'rebuild': {
      const { stage } = operation;
      if (stage.name === 'held') return { containerLaunch: stage.fence, observedLaunch: stage.fence };
      return stage.name === 'settling' ? { containerLaunch, observedLaunch: launch } : null;
    }
    case 'restart-component':
      // Until it was restarted, what answers is the old one.
      return operation.component === 'runtime' && operation.stage.name !== 'settling' ? null : running;
    default:
      return null;
  }
}
