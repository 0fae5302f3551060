import { AileronError } from '@aileron/errors';
import { Cron } from 'croner';

export interface CronSchedule {
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string;
  /** IANA name, `Europe/Berlin`. */
  readonly timeZone: string;
}

const refuse = (field: string, message: string, cause?: unknown): AileronError =>
  new AileronError('INVALID_ARGUMENT', { fields: [{ field, message }] }, { cause });

/**
 * The first tick after an instant, null when there is none. A local time that a change to summer time skips becomes
 * the first instant after the gap; one that a change back repeats ticks the first time only, unless the hour is `*`.
 * @throws INVALID_ARGUMENT
 */
export function nextTick({ cron, timeZone }: CronSchedule, after: Date): Date | null {
  if (cron.length > 100 || !/^(\S+\s+){4}\S+$/.test(cron.trim())) throw refuse('cron', 'five fields');
  if (!isTimeZone(timeZone)) throw refuse('timeZone', 'an IANA time zone');
  try {
    return new Cron(cron, { timezone: timeZone, paused: true, mode: '5-part' }).nextRun(after);
  } catch (error) {
    throw refuse('cron', 'not a cron expression', error);
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return name !== '';
  } catch {
    return false;
  }
}
