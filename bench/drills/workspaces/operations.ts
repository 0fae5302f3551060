import type { WorkspaceClient } from '@aileron/contracts/workspace-client';
import { pause } from '../drill-clock.ts';
import type { Combination } from './options.ts';
import type { ProjectFiles } from './project-files.ts';
import type { Called, RestCalls } from './rest-calls.ts';
import type { StoredWorkspace } from './stored-workspaces.ts';
import type { Watcher } from './watcher.ts';
import type { WorkspacePlane } from './workspace-plane.ts';

const INTENTS = [
  'start',
  'stop',
  'restart',
  'patch',
  'restart-runtime',
  'restart-terminal',
  'delete',
  'force-delete',
] as const;
export type Intent = (typeof INTENTS)[number];

/** What is likely to be accepted. */
const SENSE: Readonly<Record<string, readonly Intent[]>> = {
  running: ['stop', 'restart', 'patch', 'restart-runtime', 'restart-terminal', 'delete', 'force-delete'],
  stopped: ['start', 'start', 'patch', 'delete'],
  failed: ['start', 'restart', 'delete'],
};
const WEIGHTS: Readonly<Record<Intent, number>> = {
  start: 20,
  stop: 18,
  restart: 17,
  patch: 11,
  'restart-runtime': 8,
  'restart-terminal': 7,
  delete: 12,
  'force-delete': 7,
};
const TWO_AT_ONCE = 0.15;
const STALE = 0.08;
const WITH_GENERATION = 0.25;
/** Does not cut short what goes on. */
const PATIENT = 0.6;
/** Wants what makes sense of a workspace as it is. */
const SENSIBLE = 0.6;
const FILES = 0.4;
const TERMINAL = 0.12;
const WAITS = 0.6;
const WAIT_MS = 15_000;

export interface OperationsInput {
  readonly plane: WorkspacePlane;
  readonly combination: Combination;
  readonly calls: RestCalls;
  readonly watcher: Watcher;
  readonly files: ProjectFiles;
  readonly workspaces: number;
  readonly concurrency: number;
  readonly mostSeconds: number;
  readonly random: () => number;
  /** False: it goes on, however many there were. */
  readonly mayEnd: () => boolean;
}

/** Random calls of several callers at once, until there were as many as asked for. */
export class Operations {
  #made = 0;
  #names = 0;
  readonly broken: string[] = [];

  private readonly input: OperationsInput;

  constructor(input: OperationsInput) {
    this.input = input;
  }

  get made(): number {
    return this.#made;
  }

  async run(): Promise<void> {
    const { concurrency, mostSeconds, combination } = this.input;
    const until = Date.now() + mostSeconds * 1_000;
    const caller = async (): Promise<void> => {
      while ((this.#made < combination.operations || !this.input.mayEnd()) && Date.now() < until) await this.#turn();
    };
    await Promise.all(Array.from({ length: concurrency }, caller));
    if (this.#made < combination.operations) this.broken.push(`only ${this.#made} operations in ${mostSeconds} s`);
  }

  async #turn(): Promise<void> {
    const { watcher, workspaces, random, files } = this.input;
    const there = watcher.alive;
    const room = there.length + this.#creating < workspaces;
    if (room && random() < (there.length < workspaces / 2 ? 0.7 : 0.25)) return this.#create();
    const target = pick(there, random);
    if (target === undefined) return pause(50);
    const { workspaceId } = target;
    if (target.state.operation !== null && random() < PATIENT) await this.#settled(workspaceId);
    const intents = random() < TWO_AT_ONCE ? [this.#choose(target), this.#choose(target)] : [this.#choose(target)];
    if (random() < FILES) await files.turn(this.#url(), workspaceId);
    if (random() < TERMINAL) await this.#openTerminal(workspaceId);
    await Promise.all(intents.map((intent) => this.#intend(watcher.find(workspaceId) ?? target, intent)));
    if (random() < WAITS) await this.#settled(workspaceId);
  }

  #creating = 0;

  async #create(): Promise<void> {
    const { combination, calls } = this.input;
    this.#made += 1;
    this.#creating += 1;
    const body = { name: `drill-${++this.#names}`, provisioner: combination.provisioner };
    const created = await calls.call(this.#url(), 'create', (client) => client.createWorkspace({ body }));
    // Until the watcher has seen it, it takes a place.
    await pause(500);
    this.#creating -= 1;
    if (created.ok && this.input.random() < WAITS) await this.#settled(created.value.workspaceId);
  }

  async #intend({ workspaceId, state }: StoredWorkspace, intent: Intent): Promise<void> {
    const { random, calls } = this.input;
    this.#made += 1;
    const { generation } = state.intent;
    const stale = random() < STALE && generation > 1;
    const ifMatch = stale ? generation - 1 : random() < WITH_GENERATION ? generation : undefined;
    const call = this.#callOf(intent, workspaceId, ifMatch);
    const ended = await calls.call(this.#url(), stale ? `${intent} (stale)` : intent, call);
    if (stale && ended.ok) this.broken.push(`${workspaceId}: ${intent} was accepted with an old generation`);
  }

  #callOf(
    intent: Intent,
    workspaceId: string,
    ifMatch: number | undefined,
  ): (client: WorkspaceClient) => Promise<unknown> {
    const common = { params: { workspaceId }, ...(ifMatch !== undefined && { ifMatch }) };
    switch (intent) {
      case 'start':
        return (client) => client.startWorkspace(common);
      case 'stop':
        return (client) => client.stopWorkspace(common);
      case 'restart':
        return (client) => client.restartWorkspace(common);
      case 'patch': {
        const body =
          this.input.random() < 0.5
            ? { name: `drill-${++this.#names}` }
            : { workspace_firewall_allowed_domains: [`d${++this.#names}.example.org`] };
        return (client) => client.updateWorkspace({ ...common, body });
      }
      case 'restart-runtime':
      case 'restart-terminal': {
        const component = intent === 'restart-runtime' ? 'runtime' : 'terminal';
        return (client) => client.restartComponent({ ...common, params: { workspaceId, component } });
      }
      case 'delete':
      case 'force-delete':
        return (client) => client.deleteWorkspace({ ...common, query: { force: intent === 'force-delete' } });
    }
  }

  #openTerminal(workspaceId: string): Promise<Called<unknown>> {
    const input = { params: { workspaceId }, body: { columns: 80, rows: 24 } };
    return this.input.calls.call(this.#url(), 'terminal', (client) => client.openTerminal(input));
  }

  /** Until nothing goes on in it, or for a while. */
  async #settled(workspaceId: string): Promise<void> {
    const until = Date.now() + this.input.random() * WAIT_MS;
    while (Date.now() < until) {
      await pause(300);
      const found = this.input.watcher.find(workspaceId);
      if (found === undefined || found.state.operation === null) return;
    }
  }

  #choose({ workspaceId }: StoredWorkspace): Intent {
    const { random, watcher } = this.input;
    const phase = watcher.find(workspaceId)?.state.phase;
    const sensible = random() < SENSIBLE ? (SENSE[phase ?? ''] ?? INTENTS) : INTENTS;
    let left = random() * sensible.reduce((sum, intent) => sum + WEIGHTS[intent], 0);
    for (const intent of sensible) {
      left -= WEIGHTS[intent];
      if (left < 0) return intent;
    }
    return 'start';
  }

  /** Of a manager that serves, should one; each of them in turn. */
  #url(): string {
    const { plane, random } = this.input;
    const serving = plane.managers.filter(({ servesSince }) => servesSince !== null);
    return pick(serving.length > 0 ? serving : plane.managers, random)?.url ?? '';
  }
}

const pick = <T>(all: readonly T[], random: () => number): T | undefined => all[Math.floor(random() * all.length)];
