/**
 * Of V8, for every process that serves. A young generation of 2 × 8 MB: on a large machine V8 would take 2 × 64 MB, which a call
 * gains nothing from. Old objects are collected once they grew by a seventh, not once they doubled. And nothing is old from birth: V8
 * makes what has lived long at first old at once from then on; of a call's objects some are among that, and each keeps the call's
 * others until the old ones are collected, which is then three times as often.
 */
export const ENGINE_OPTIONS = [
  '--max-semi-space-size=8',
  '--heap-growing-percent=15',
  '--no-allocation-site-pretenuring',
] as const;

/**
 * Of the C library, for the same processes: one heap for all threads, and large pieces given back as soon as they are free. Left to
 * itself it keeps a heap for each thread, and after one large upload everything up to that size: a fifth more memory after a load.
 */
export const ENGINE_ENVIRONMENT = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072' } as const;
