import { AileronError } from '@aileron/errors';
import { redactText } from '@aileron/telemetry';

const LONGEST = 300;

/** What is stored of an error: the code of ours, else its message without credentials. No stack, no cause. */
export function failureReason(error: unknown): string {
  if (AileronError.is(error)) return error.code;
  if (!(error instanceof Error)) return 'not an error was thrown';
  const reason = redactText(error.message).slice(0, LONGEST);
  return reason === '' ? error.name : reason;
}
