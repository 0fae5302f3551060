import { AileronError } from '@aileron/errors';
import { Injectable } from '@nestjs/common';

const MOST_STREAMS = 1_024;

export interface StreamPlace {
  /** Aborted when the reader goes or the service closes. */
  readonly signal: AbortSignal;
  end(): void;
}

/** How many streams are open at once, of both kinds, and the end of all of them. */
@Injectable()
export class StreamLimit {
  readonly #open = new Set<AbortController>();
  #closed = false;

  /** @throws AileronError RATE_LIMITED; UNAVAILABLE once the service closes */
  enter(): StreamPlace {
    if (this.#closed) throw new AileronError('UNAVAILABLE', { reason: 'closing' });
    if (this.#open.size >= MOST_STREAMS) throw new AileronError('RATE_LIMITED', { limitStreams: MOST_STREAMS });
    const controller = new AbortController();
    this.#open.add(controller);
    return {
      signal: controller.signal,
      end: () => {
        this.#open.delete(controller);
        controller.abort();
      },
    };
  }

  closeAll(): void {
    this.#closed = true;
    for (const controller of this.#open) controller.abort();
  }
}
