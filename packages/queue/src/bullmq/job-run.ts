import { AileronError } from '@aileron/errors';

/** Why a run was cut short; the `reason` of its signal has one as its code. */
export type CutCode = 'DEADLINE_EXCEEDED' | 'CANCELLED' | 'CONFLICT';

export interface RunLimits {
  readonly timeoutMs: number;
  /** For a handler that was told to stop, until it is given up. */
  readonly graceMs: number;
}

/** One run of a handler: ends at the latest `graceMs` after its signal was aborted, which the deadline does. */
export class JobRun {
  readonly #controller = new AbortController();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Null while nobody has cut it short. */
  get cut(): CutCode | null {
    const reason: unknown = this.signal.reason;
    return AileronError.is(reason) ? (reason.code as CutCode) : null;
  }

  /** CONFLICT: another worker has the job. CANCELLED: the queue closes. */
  abort(code: CutCode): void {
    if (!this.signal.aborted) this.#controller.abort(new AileronError(code));
  }

  /** @throws what the handler throws, or the reason of the signal when the handler does not end for it */
  async execute(handler: (signal: AbortSignal) => Promise<void>, { timeoutMs, graceMs }: RunLimits): Promise<void> {
    const timers: NodeJS.Timeout[] = [setTimeout(() => this.abort('DEADLINE_EXCEEDED'), timeoutMs)];
    const givenUp = new Promise<never>((_, reject) => {
      const giveUp = () => timers.push(setTimeout(() => reject(this.signal.reason as Error), graceMs));
      if (this.signal.aborted) giveUp();
      else this.signal.addEventListener('abort', giveUp, { once: true });
    });
    try {
      await Promise.race([handler(this.signal), givenUp]);
    } finally {
      timers.forEach((timer) => clearTimeout(timer));
    }
  }
}
