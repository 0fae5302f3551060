import { AileronError, ERROR_TABLE, type ErrorCode, type ErrorDetails } from '@aileron/errors';
import { z, ZodError } from 'zod';

const Text = z.string().max(8_192);
const Fields = z.array(z.strictObject({ field: Text, message: Text })).max(512);
const Detail = z.union([Text, z.number(), z.boolean(), z.null(), z.array(Text).max(512), Fields]);
const WireError = z.strictObject({ code: z.string().max(64), details: z.record(z.string().max(128), Detail) });
/** Trailing metadata; HTTP/2 peers take 64 KiB of headers, base64 included. */
const LARGEST_WIRE_ERROR = 16_384;
const MOST_FIELDS = 64;

/** Any thrown value as the error that a caller may see: validation keeps its fields, the unknown keeps nothing. */
export function toAileronError(thrown: unknown): AileronError {
  if (thrown instanceof ZodError) {
    const fields = thrown.issues
      .slice(0, MOST_FIELDS)
      .map((issue) => ({ field: issue.path.map(String).join('.') || '(body)', message: issue.message }));
    return new AileronError('INVALID_ARGUMENT', { fields }, { cause: thrown });
  }
  return AileronError.from(thrown);
}

/** Code and details, never the cause. Details that are too large stay behind. */
export function encodeWireError(error: AileronError): Uint8Array {
  const bytes = new TextEncoder().encode(JSON.stringify({ code: error.code, details: error.details }));
  return bytes.length <= LARGEST_WIRE_ERROR
    ? bytes
    : new TextEncoder().encode(JSON.stringify({ code: error.code, details: {} }));
}

/** Undefined for what is not a well-formed error of the table: the transport's own status then decides. */
export function decodeWireError(bytes: Uint8Array): AileronError | undefined {
  if (bytes.length > LARGEST_WIRE_ERROR) return undefined;
  try {
    const { code, details } = WireError.parse(JSON.parse(new TextDecoder().decode(bytes)));
    return Object.hasOwn(ERROR_TABLE, code) ? new AileronError(code as ErrorCode, details as ErrorDetails) : undefined;
  } catch {
    return undefined;
  }
}
