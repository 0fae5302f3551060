/** Time as a value that is passed in. Milliseconds since 1970. */
export interface FakeClock {
  readonly now: () => number;
  readonly advance: (milliseconds: number) => void;
  readonly set: (milliseconds: number) => void;
}

/** A clock that stands until it is told to move. */
export function fakeClock(start = Date.parse('2026-11-21T08:00:00Z')): FakeClock {
  let now = start;
  return {
    now: () => now,
    advance: (milliseconds) => {
      now += milliseconds;
    },
    set: (milliseconds) => {
      now = milliseconds;
    },
  };
}
