import { CHECKPOINT_EVERY_RECORDS } from '@aileron/audit';
import { type AuditLog } from './audit-log.js';

const LOOK_EVERY_MS = 1_000;

/** Signs the log every so many records or seconds, whichever comes first. Returns what ends it. */
export function startCheckpoints(input: {
  log: AuditLog;
  everySeconds: number;
  now: () => number;
  warn: (error: unknown) => void;
}): () => void {
  const { log, everySeconds, now, warn } = input;
  let signedAt = now();
  let busy = false;
  const sign = async () => {
    if (busy || log.unsignedRecords === 0) return;
    const due = log.unsignedRecords >= CHECKPOINT_EVERY_RECORDS || now() - signedAt >= everySeconds * 1_000;
    if (!due) return;
    busy = true;
    signedAt = now();
    await log.checkpoint().catch(warn);
    busy = false;
  };
  const timer = setInterval(() => void sign(), LOOK_EVERY_MS);
  timer.unref();
  log.onWritten(() => {
    if (log.unsignedRecords >= CHECKPOINT_EVERY_RECORDS) void sign();
  });
  return () => clearInterval(timer);
}
