/** Where the CPU of a call goes. µs each call. */
export interface CallProfile {
  /** As fast as it can, or at an even pace: then nothing is shared between calls that come together. */
  readonly load: 'saturated' | 'paced';
  readonly requests: number;
  /** The thread that runs JavaScript; libuv's pool (files, WebCrypto); V8's workers (garbage, compiler); Postgres. */
  readonly mainThread: number;
  readonly pool: number;
  readonly engine: number;
  readonly postgres: number;
  /** Of the main thread, by step; the most first. */
  readonly steps: readonly ProfiledPart[];
  /** Of the main thread, the functions that take most themselves. */
  readonly functions: readonly ProfiledPart[];
}

export interface ProfiledPart {
  readonly name: string;
  readonly micros: number;
}
