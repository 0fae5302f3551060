import { AileronError } from '@aileron/errors';
import type { z } from 'zod';

/** A foreign value by its schema, or INVALID_ARGUMENT that names each wrong field. */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const fields = result.error.issues
    .slice(0, 20)
    .map((issue) => ({ field: issue.path.join('.'), message: issue.message }));
  throw new AileronError('INVALID_ARGUMENT', { fields });
}
