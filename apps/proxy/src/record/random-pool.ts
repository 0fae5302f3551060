import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 4_096;

/** Random bytes, drawn from the system many at a time: each is given out once. */
export function randomPool(): (length: number) => Buffer {
  let pool = Buffer.allocUnsafeSlow(POOL_BYTES);
  let at = POOL_BYTES;
  return (length) => {
    if (length > POOL_BYTES) throw new RangeError('more random bytes at once than the pool holds');
    if (at + length > POOL_BYTES) {
      // Another one: what was given out stays its receiver's.
      pool = randomFillSync(Buffer.allocUnsafeSlow(POOL_BYTES));
      at = 0;
    }
    at += length;
    return pool.subarray(at - length, at);
  };
}
