import type { Delivery, GapReason, NumberedEvent, StreamPosition } from '@aileron/contracts/streams';

/** What a client does with a delivery. */
export type CursorStep<E, S> =
  /** Add these to the view, in order. Empty when it has them all. */
  | { readonly do: 'apply'; readonly events: readonly NumberedEvent<E>[] }
  /** Begin the view with this. */
  | { readonly do: 'replace'; readonly snapshot: S }
  /** Show that something is missing. `restart`: what follows is the stream from its beginning, so empty the view. */
  | { readonly do: 'show-gap'; readonly reason: GapReason; readonly restart: boolean }
  /** The view is up to date. */
  | { readonly do: 'nothing' }
  /** Deliveries were lost on the way: attach again at `position`. */
  | { readonly do: 'reattach' }
  | { readonly do: 'end'; readonly reason: 'closed' | 'removed' };

/** The place of a client in a stream: drops what comes twice, and notices what does not come. */
export class StreamCursor<E, S> {
  #position: StreamPosition | null;

  constructor(position: StreamPosition | null = null) {
    this.#position = position;
  }

  /** Where to attach. */
  get position(): StreamPosition | null {
    return this.#position;
  }

  accept(delivery: Delivery<E, S>): CursorStep<E, S> {
    switch (delivery.type) {
      case 'snapshot':
        this.#position = delivery.at;
        return { do: 'replace', snapshot: delivery.snapshot };
      case 'gap': {
        const restart = delivery.from?.epoch !== delivery.at.epoch || delivery.reason === 'ahead';
        this.#position = delivery.at;
        return { do: 'show-gap', reason: delivery.reason, restart };
      }
      case 'events':
        return this.#acceptEvents(delivery);
      case 'live':
        return this.#isAt(delivery.at) ? { do: 'nothing' } : { do: 'reattach' };
      case 'end':
        return { do: 'end', reason: delivery.reason };
    }
  }

  #acceptEvents({ epoch, events }: Extract<Delivery<E, S>, { type: 'events' }>): CursorStep<E, S> {
    const seq = this.#position?.seq ?? 0;
    if (this.#position !== null && this.#position.epoch !== epoch) return { do: 'reattach' };
    const fresh = events.filter((event) => event.seq > seq);
    const gapless = fresh.every((event, index) => event.seq === seq + index + 1);
    if (!gapless) return { do: 'reattach' };
    this.#position = { epoch, seq: seq + fresh.length };
    return { do: 'apply', events: fresh };
  }

  #isAt(at: StreamPosition): boolean {
    if (this.#position === null) {
      // A stream that is still empty says where it begins by being live.
      if (at.seq === 0) this.#position = at;
      return at.seq === 0;
    }
    return this.#position.epoch === at.epoch && this.#position.seq === at.seq;
  }
}
