import { AileronError } from '@aileron/errors';
import type { z } from 'zod';

/** @throws INVALID_ARGUMENT with each wrong field; the value itself is not told */
export function parseArgument<T>(schema: z.ZodType<T>, value: unknown, name: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const fields = result.error.issues.slice(0, 10).map((issue) => ({
    field: [name, ...issue.path.map(String)].join('.'),
    message: issue.message,
  }));
  throw new AileronError('INVALID_ARGUMENT', { fields });
}
