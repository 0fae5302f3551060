import { FAULT_KINDS } from './options.ts';
import type { Outages } from './outages.ts';
import type { Ended } from './rest-calls.ts';

/** Beside the grace: what was cut is dialled again, and whoever was left out is let in. */
const AFTER_MS = 10_000;
/** Of a workspace's own parts, which are stopped and started all the time. */
const INSIDE: ReadonlySet<string> = new Set(['files', 'terminal']);

/** What is wrong with how a call ended, in words; null: nothing. */
export function wrongEnd(ended: Ended, outages: Outages, graceMs: number): string | null {
  const afterMs = graceMs + AFTER_MS;
  const { name, from, to, status, code, retryAfter } = ended;
  const what = `${name}: ${status} ${code} after ${to - from} ms`;
  if (status === 0) return outages.covers(['manager'], from, to, afterMs) ? null : `${what}, and no manager was killed`;
  if (code === 'not-of-the-contract') return what;
  if (status < 500) return null;
  if (status !== 503) return what;
  if (!retryAfter) return `${what}, without Retry-After`;
  if (INSIDE.has(name) || outages.covers(FAULT_KINDS, from, to, afterMs)) return null;
  return `${what}, and nothing was down`;
}
