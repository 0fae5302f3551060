import type { FaultKind } from './options.ts';

export interface Outage {
  readonly kind: FaultKind;
  readonly from: number;
  /** Everything is up again; null: not yet. */
  to: number | null;
}

/** When the drill had a part down. Milliseconds since 1970. */
export class Outages {
  readonly #all: Outage[] = [];

  begin(kind: FaultKind): Outage {
    const outage: Outage = { kind, from: Date.now(), to: null };
    this.#all.push(outage);
    return outage;
  }

  /** Whether one of these was away at some time between, or within `afterMs` before. */
  covers(kinds: readonly FaultKind[], from: number, to: number, afterMs: number): boolean {
    return this.#all.some(
      (outage) => kinds.includes(outage.kind) && outage.from <= to && (outage.to ?? Infinity) + afterMs >= from,
    );
  }

  get counts(): Readonly<Record<string, number>> {
    const groups = Map.groupBy(this.#all, ({ kind }) => kind);
    return Object.fromEntries([...groups].map(([kind, all]) => [kind, all.length]));
  }
}
