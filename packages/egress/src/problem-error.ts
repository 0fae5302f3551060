import { AileronError, ERROR_TABLE, type ErrorCode, type ErrorDetails } from '@aileron/errors';
import { z } from 'zod';

const Text = z.string().max(4_096);
const Fields = z.array(z.strictObject({ field: Text, message: Text })).max(256);
const Detail = z.union([Text, z.number(), z.boolean(), z.null(), z.array(Text).max(256), Fields]);
const ProblemBody = z.looseObject({ code: z.string().max(64) });
/** Of RFC 9457 and of ours: what is not a detail. */
const FRAME = new Set(['type', 'title', 'status', 'code', 'action', 'instance']);

/** The error that a problem body (RFC 9457) names, with its details; INTERNAL with the status for any other body. */
export function problemError(text: string, status: number): AileronError {
  const problem = ProblemBody.safeParse(parseJson(text));
  if (!problem.success || !Object.hasOwn(ERROR_TABLE, problem.data.code))
    return new AileronError('INTERNAL', { status });
  return new AileronError(problem.data.code as ErrorCode, detailsOf(problem.data));
}

function detailsOf(problem: Readonly<Record<string, unknown>>): ErrorDetails {
  const entries = Object.entries(problem).filter(([name]) => !FRAME.has(name));
  const details: Record<string, ErrorDetails[string]> = {};
  for (const [name, value] of entries.slice(0, 32)) {
    const detail = Detail.safeParse(value);
    if (detail.success) details[name] = detail.data;
  }
  return details;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
