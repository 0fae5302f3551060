/** Milliseconds since 1970. */
export interface Clock {
  now(): number;
}

export const CLOCK = Symbol('Clock');
