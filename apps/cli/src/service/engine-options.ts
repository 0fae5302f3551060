/**
 * Of V8, for every process that serves. A young generation of 2 × 8 MB: on a large machine V8 would take 2 × 64 MB, which a call
 * gains nothing from. And old objects are collected once they grew by a third, not once they doubled.
 */
export const ENGINE_OPTIONS = ['--max-semi-space-size=8', '--heap-growing-percent=30'] as const;

/**
 * Of the C library, for the same processes: one heap for all threads, and large pieces given back as soon as they are free. Left to
 * itself it keeps a heap for each thread, and after one large upload everything up to that size: a third more memory after a load.
 */
export const ENGINE_ENVIRONMENT = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072' } as const;
