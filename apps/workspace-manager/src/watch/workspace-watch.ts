import type { WatchStatusResponse } from '@aileron/contracts/grpc';
import { AileronError } from '@aileron/errors';
import type { WorkspaceEndpoints } from '@aileron/provisioner';
import type { Clock } from '@aileron/service-host';
import type { LifecycleService } from '../workspaces/lifecycle.service.js';
import { watchComponent, type ComponentWatch } from './component-watch.js';
import type { WatchTarget } from './watch-target.js';

type ComponentName = ComponentWatch['component'];

/** Said again after so long, though nothing changed: the state machine notes silence. */
const REPEAT_MS = 10_000;
const LONGEST_MESSAGE = 512;

export interface WorkspaceWatchInput {
  readonly workspaceId: string;
  readonly target: WatchTarget;
  readonly endpoints: WorkspaceEndpoints;
  readonly lifecycle: LifecycleService;
  readonly clock: Clock;
  onRuntime(status: WatchStatusResponse): void;
  inspect(): Promise<void>;
}

/** Watches runtime and terminal of one launch, and tells the state machine what they say. */
export class WorkspaceWatch {
  readonly #ending = new AbortController();
  readonly #told = new Map<ComponentName, { readonly text: string; readonly at: number }>();

  readonly #finished: Promise<unknown>;

  constructor(private readonly input: WorkspaceWatchInput) {
    this.#finished = Promise.allSettled([this.#watch('runtime'), this.#watch('terminal')]);
  }

  get target(): WatchTarget {
    return this.input.target;
  }

  async end(): Promise<void> {
    this.#ending.abort();
    await this.#finished;
  }

  #watch(component: ComponentName): Promise<void> {
    return watchComponent({
      component,
      address: this.input.endpoints[component],
      signal: this.#ending.signal,
      onStatus: (status) => this.#hear(component, status),
      onLost: async (times) => {
        this.#told.delete(component);
        // Whether it is there at all is the provisioner's to say: after the first time it is gone, and now and then.
        if (component === 'runtime' && (times === 2 || times % 8 === 0)) await this.input.inspect();
      },
    });
  }

  async #hear(component: ComponentName, status: WatchStatusResponse): Promise<void> {
    const { workspaceId, target, lifecycle, clock } = this.input;
    if (component === 'runtime') this.input.onRuntime(status);
    const { ready, message } = status;
    const reason = ready ? 'ready' : reasonOf(status.reason);
    const text = `${ready} ${reason} ${message}`;
    const told = this.#told.get(component);
    if (told?.text === text && Math.abs(clock.now() - told.at) < REPEAT_MS) return;
    const observation = { component, status: ready ? 'ready' : 'not-ready', reason } as const;
    const components = [{ ...observation, message: ready ? '' : message.slice(0, LONGEST_MESSAGE) }];
    try {
      await lifecycle.apply(workspaceId, { type: 'observed', launch: target.observedLaunch, components });
      this.#told.set(component, { text, at: clock.now() });
    } catch (error) {
      // Not its time: it is told again with the next status.
      if (!AileronError.is(error)) throw error;
    }
  }
}

/** What an untrusted part names as a reason, as one of ours. */
function reasonOf(text: string): string {
  const words = text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  return words.slice(0, 8).join('-').slice(0, 60).replace(/-$/, '') || 'not-ready';
}
