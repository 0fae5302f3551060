import { AileronError } from '@aileron/errors';

/** Another attempt would end the same way. */
const FINAL: ReadonlySet<string> = new Set([
  'INVALID_ARGUMENT',
  'PERMISSION_DENIED',
  'VOLUME_MISSING',
  'CONFIG_INVALID',
  'SANDBOX_UNAVAILABLE',
]);

export interface OperationFailure {
  readonly reason: string;
  readonly message: string;
  readonly retryable: boolean;
}

/** What is stored and shown of an attempt that failed: a code and its constant text, never what a program said. */
export function failureOf(thrown: unknown): OperationFailure {
  const error = AileronError.from(thrown);
  const detail = typeof error.details['reason'] === 'string' ? ` (${error.details['reason']})` : '';
  return {
    reason: error.code.toLowerCase().replaceAll('_', '-'),
    message: `${error.definition.message}${detail} ${error.definition.action}`,
    retryable: !FINAL.has(error.code),
  };
}
