import type { Boundary } from '../agents/prefix-launcher.js';
import { killGroup, spawnInside } from '../agents/prefix-launcher.js';
import type { StatusSignal } from './status-signal.js';

const PROBE_MS = 20_000;
const AGAIN_MS = 5_000;
const KEPT_CHARACTERS = 800;

export type BoundaryState =
  { readonly name: 'unknown' } | { readonly name: 'usable' } | { readonly name: 'broken'; readonly why: string };

/** Whether anything can be started in the agents' boundary: tried at the start, and again until it can. */
export class BoundaryCheck {
  #state: BoundaryState = { name: 'unknown' };
  readonly #stop = new AbortController();
  #done: Promise<void> = Promise.resolve();

  constructor(
    private readonly boundary: Boundary,
    private readonly changes: StatusSignal,
  ) {}

  get state(): BoundaryState {
    return this.#state;
  }

  onModuleInit(): void {
    this.#done = this.#tryUntilUsable();
  }

  async onModuleDestroy(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #tryUntilUsable(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const why = this.boundary.prefix.length === 0 ? null : await probe(this.boundary, signal);
      if (signal.aborted) return;
      this.#state = why === null ? { name: 'usable' } : { name: 'broken', why };
      this.changes.raise();
      if (why === null) return;
      await pause(AGAIN_MS, signal);
    }
  }
}

/** Null when a command ran inside and came back; else why not. */
function probe(boundary: Boundary, signal: AbortSignal): Promise<string | null> {
  const child = spawnInside(boundary, ['/bin/sh', '-c', 'exit 0'], { cwd: '/', env: {} });
  const stop = AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]);
  const kill = (): void => killGroup(child, 'SIGKILL');
  stop.addEventListener('abort', kill, { once: true });
  let said = '';
  child.stdin.on('error', () => undefined).end();
  child.stdout.resume();
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-KEPT_CHARACTERS)));
  return new Promise((resolve) => {
    const settle = (why: string | null): void => {
      stop.removeEventListener('abort', kill);
      resolve(why);
    };
    child.once('error', ({ message }) => settle(message.slice(0, KEPT_CHARACTERS)));
    child.once('close', (code) => {
      if (code === 0) settle(null);
      else
        settle(said.replaceAll(/\s+/g, ' ').trim() || `It ended with ${code === null ? 'a signal' : `code ${code}`}.`);
    });
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => resolve(), { once: true });
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}
