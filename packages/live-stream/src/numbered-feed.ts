import { deliverySchema, type Delivery } from '@aileron/contracts/streams';
import { StreamCursor } from '@aileron/event-log';
import type { z } from 'zod';
import { jsonOf } from './json-of.js';
import type { StreamAnswer } from './live-stream.js';

/** How the view of a stream changes. Pure functions of it. */
export interface Reducer<V, E, S> {
  readonly empty: V;
  readonly apply: (view: V, event: E) => V;
  readonly replace: (snapshot: S) => V;
}

export interface FeedState<V> {
  readonly view: V;
  /** Everything there was is in the view. */
  readonly ready: boolean;
  /** Something is missing in it that cannot be had. */
  readonly gap: boolean;
}

/** A numbered stream as the view that its messages make: nothing lost, nothing twice, gaps said. */
export class NumberedFeed<V, E, S> {
  readonly #cursor = new StreamCursor<E, S>();
  readonly #schema: z.ZodType<Delivery<E, S>>;
  #state: FeedState<V>;

  constructor(
    private readonly reducer: Reducer<V, E, S>,
    event: z.ZodType<E>,
    snapshot: z.ZodType<S>,
  ) {
    this.#schema = deliverySchema(event, snapshot) as unknown as z.ZodType<Delivery<E, S>>;
    this.#state = { view: reducer.empty, ready: false, gap: false };
  }

  get state(): FeedState<V> {
    return this.#state;
  }

  /** `path` with the place that was reached. */
  attachPath(path: string): string {
    const { position } = this.#cursor;
    if (position === null) return path;
    return `${path}?${new URLSearchParams({ epoch: position.epoch, seq: `${position.seq}` }).toString()}`;
  }

  /** One message as JSON. What is no delivery is not applied: the stream is attached again from where it is. */
  accept(text: string): StreamAnswer {
    const parsed = this.#schema.safeParse(jsonOf(text));
    if (!parsed.success) return 'attach-again';
    return this.#take(parsed.data);
  }

  #take(delivery: Delivery<E, S>): StreamAnswer {
    const step = this.#cursor.accept(delivery);
    switch (step.do) {
      case 'apply':
        this.#set({ view: step.events.reduce((view, { event }) => this.reducer.apply(view, event), this.#state.view) });
        return 'go-on';
      case 'replace':
        this.#set({ view: this.reducer.replace(step.snapshot), gap: false });
        return 'go-on';
      case 'show-gap':
        this.#set({ gap: true, ...(step.restart && { view: this.reducer.empty }) });
        return 'go-on';
      case 'nothing':
        this.#set({ ready: true });
        return 'go-on';
      case 'reattach':
        return 'attach-again';
      case 'end':
        return step.reason === 'removed' ? 'removed' : 'attach-again';
    }
  }

  #set(change: Partial<FeedState<V>>): void {
    this.#state = { ...this.#state, ...change };
  }
}
