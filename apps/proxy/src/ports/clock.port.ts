/** Milliseconds since 1970. Injected, so that no test waits for a deadline. */
export interface Clock {
  now(): number;
}

/** Cryptographic random bytes. */
export type RandomBytes = (length: number) => Uint8Array;
