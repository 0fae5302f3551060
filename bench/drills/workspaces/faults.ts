import { pause } from '../drill-clock.ts';
import type { FaultKind } from './options.ts';
import type { Outages } from './outages.ts';
import { killProcess, workspaceProcesses, type WorkspaceProcess } from './process-scan.ts';
import type { WorkspacePlane } from './workspace-plane.ts';

export interface FaultsInput {
  readonly plane: WorkspacePlane;
  readonly outages: Outages;
  readonly kinds: readonly FaultKind[];
  readonly everyMs: number;
  readonly random: () => number;
  readonly note: (line: string) => void;
}

/** How long a part stays away, at most, before the drill starts it again. */
const AWAY_MS = 3_000;
const BOTH_MANAGERS = 0.2;

/** Kills parts at seeded times until it is told to stop; what was killed is up again when it has stopped. */
export class Faults {
  #ended = false;
  #hadEach = false;
  #running: Promise<void> = Promise.resolve();
  /** What came of it that must not. */
  readonly broken: string[] = [];

  private readonly input: FaultsInput;

  constructor(input: FaultsInput) {
    this.input = input;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#ended = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    const { everyMs, random } = this.input;
    const kinds = this.input.kinds.filter((kind) => this.#applies(kind));
    if (kinds.length === 0) {
      this.#hadEach = true;
      return;
    }
    // Each kind comes once before any comes again: a short drill has them all.
    for (let turn: FaultKind[] = []; !this.#ended;) {
      await this.#pause((0.5 + random()) * everyMs);
      if (this.#ended) return;
      if (turn.length === 0) turn = shuffled(kinds, random);
      await this.#strike(turn.pop() ?? 'manager');
      if (turn.length === 0) this.#hadEach = true;
    }
  }

  /** Each kind came once. */
  get hadEach(): boolean {
    return this.#hadEach;
  }

  #applies(kind: FaultKind): boolean {
    const { docker, redis } = this.input.plane;
    return (kind !== 'engine' || docker !== null) && (kind !== 'redis' || redis !== null);
  }

  async #strike(kind: FaultKind): Promise<void> {
    const outage = this.input.outages.begin(kind);
    try {
      await this.#kill(kind);
    } catch (error) {
      this.broken.push(`after a kill of ${kind}: ${String(error)}`);
    } finally {
      outage.to = Date.now();
    }
  }

  async #kill(kind: FaultKind): Promise<void> {
    const { plane, note } = this.input;
    switch (kind) {
      case 'manager':
        return this.#killManagers();
      case 'runtime':
      case 'terminal':
        return this.#killProcesses(kind, ({ part }) => part === kind);
      case 'sandbox':
        return this.#killProcesses(kind, ({ part }) => part === null);
      case 'container':
        return this.#killWorkspace();
      case 'engine':
        note('kill engine');
        await plane.docker?.kill();
        await this.#away();
        return plane.docker?.start();
      case 'database':
        return this.#killDatabase();
      case 'redis':
        note('kill redis');
        await plane.redis?.kill();
        await this.#away();
        return plane.redis?.start();
      case 'mgmt-plane':
        note('kill mgmt-plane');
        return plane.mgmt.killAndAwait();
    }
  }

  /** It is started again by itself. */
  async #killDatabase(): Promise<void> {
    const { server } = this.input.plane.database;
    const { pid } = server;
    if (pid === undefined) return;
    this.input.note('kill database');
    killProcess(pid);
    await until(() => server.pid !== undefined && server.pid !== pid);
  }

  async #killManagers(): Promise<void> {
    const { plane, random, note } = this.input;
    const one = plane.managers[Math.floor(random() * plane.managers.length)];
    const doomed = random() < BOTH_MANAGERS ? plane.managers : one === undefined ? [] : [one];
    note(`kill ${doomed.length} of ${plane.managers.length} managers`);
    await Promise.all(doomed.map((manager) => manager.kill()));
    await this.#away();
    await Promise.all(doomed.map((manager) => manager.start()));
  }

  async #killProcesses(kind: FaultKind, which: (each: WorkspaceProcess) => boolean): Promise<void> {
    const found = workspaceProcesses(this.input.plane.root).filter(which);
    const victim = found[Math.floor(this.input.random() * found.length)];
    if (victim === undefined) return;
    this.input.note(`kill ${kind} ${victim.pid} of ${victim.workspaceId}: ${victim.command.slice(0, 60)}`);
    killProcess(victim.pid);
  }

  /** All of a workspace at once: its container, or its parts and whatever they started. */
  async #killWorkspace(): Promise<void> {
    const { plane, random, note } = this.input;
    const found = workspaceProcesses(plane.root);
    const ids = [...new Set(found.map(({ workspaceId }) => workspaceId))].toSorted();
    const victim = ids[Math.floor(random() * ids.length)];
    if (victim === undefined) return;
    note(`kill container of ${victim}`);
    if (plane.docker === null)
      for (const { pid } of found.filter(({ workspaceId }) => workspaceId === victim)) killProcess(pid);
    else await plane.docker.command('kill', `aileron-${plane.homeId}-${victim}`).catch(() => undefined);
  }

  #away(): Promise<void> {
    return pause(this.input.random() * AWAY_MS);
  }

  async #pause(ms: number): Promise<void> {
    const end = Date.now() + ms;
    while (!this.#ended && Date.now() < end) await pause(50);
  }
}

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 60_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error('it does not come back');
    await pause(20);
  }
}

function shuffled<T>(all: readonly T[], random: () => number): T[] {
  return all
    .map((each) => ({ each, at: random() }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ each }) => each);
}
