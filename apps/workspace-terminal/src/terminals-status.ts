import { AileronError } from '@aileron/errors';
import { Inject, Injectable } from '@nestjs/common';
import { BOOT_ID, CONFIG, type WorkspaceTerminalConfig } from './config.js';

const MOST_WATCHERS = 16;
/** The sign of life. */
const EVERY_MS = 4_000;

/** That the terminals of this workspace can be used: nothing of it changes while it runs. */
@Injectable()
export class TerminalsStatus {
  #watchers = 0;

  constructor(
    @Inject(CONFIG) private readonly config: WorkspaceTerminalConfig,
    @Inject(BOOT_ID) private readonly bootId: string,
  ) {}

  /** At once, and again and again. RATE_LIMITED: too many watch */
  async *watch(signal: AbortSignal) {
    if (this.#watchers >= MOST_WATCHERS) throw new AileronError('RATE_LIMITED', { maxWatchers: MOST_WATCHERS });
    this.#watchers += 1;
    const { workspaceId } = this.config;
    try {
      while (!signal.aborted) {
        yield { workspaceId, bootId: this.bootId, ready: true, reason: '', message: '', agents: [] };
        await passed(EVERY_MS, signal);
      }
    } finally {
      this.#watchers -= 1;
    }
  }
}

function passed(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
