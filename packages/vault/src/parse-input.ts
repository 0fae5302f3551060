import { AileronError } from '@aileron/errors';
import { type z } from 'zod';

/** A caller's value of this shape, or INVALID_ARGUMENT with the fields (never their values). */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown, at: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.slice(0, 20).map(({ path, message }) => ({
    field: [at, ...path.map(String)].join('.'),
    message,
  }));
  throw new AileronError('INVALID_ARGUMENT', { fields });
}
