import { AileronError, ERROR_TABLE, type ErrorCode, type ErrorDetails } from '@aileron/errors';
import { z, ZodError } from 'zod';

const WireError = z.strictObject({ code: z.string().max(64), details: z.record(z.string(), z.unknown()) });
const LARGEST_WIRE_ERROR = 16_384;

/** Any thrown value as the error that a caller may see: validation keeps its fields, the unknown keeps nothing. */
export function toAileronError(thrown: unknown): AileronError {
  if (thrown instanceof ZodError) {
    const fields = thrown.issues.map((issue) => ({ field: issue.path.join('.') || '(body)', message: issue.message }));
    return new AileronError('INVALID_ARGUMENT', { fields }, { cause: thrown });
  }
  return AileronError.from(thrown);
}

/** Code and details, never the cause. */
export function encodeWireError(error: AileronError): Uint8Array {
  const text = JSON.stringify({ code: error.code, details: error.details });
  const bytes = new TextEncoder().encode(text);
  return bytes.length <= LARGEST_WIRE_ERROR ? bytes : new TextEncoder().encode(JSON.stringify({ code: error.code, details: {} }));
}

export function decodeWireError(bytes: Uint8Array): AileronError | undefined {
  try {
    const { code, details } = WireError.parse(JSON.parse(new TextDecoder().decode(bytes)));
    return code in ERROR_TABLE ? new AileronError(code as ErrorCode, details as ErrorDetails) : undefined;
  } catch {
    return undefined;
  }
}
