/**
 * Of V8, for every process that serves. A young generation of 2 × 8 MB: on a large machine V8 would take 2 × 64 MB, which a call
 * gains nothing from. And old objects are collected once they grew by a third, not once they doubled.
 */
export const ENGINE_OPTIONS = ['--max-semi-space-size=8', '--heap-growing-percent=30'] as const;
