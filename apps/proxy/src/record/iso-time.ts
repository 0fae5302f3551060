/** The second that was written last, with its text: records come many in one. */
let second = Number.NaN;
let text = '';

/** As `Date.toISOString` writes a time, ms since the epoch. */
export function isoTime(ms: number): string {
  const whole = Math.trunc(ms);
  const seconds = Math.floor(whole / 1_000);
  if (seconds !== second) {
    text = new Date(seconds * 1_000).toISOString().slice(0, -4);
    second = seconds;
  }
  return `${text}${String(whole - seconds * 1_000).padStart(3, '0')}Z`;
}
