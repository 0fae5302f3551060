import { AileronError } from '@aileron/errors';
import type { z } from 'zod';

/**
 * What runtime or terminal answered. An answer that is none is their fault, not that of who asked.
 * @throws AileronError INTERNAL
 */
export function insideAnswer<S extends z.ZodType>(schema: S, answer: unknown): z.output<S> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new AileronError('INTERNAL', { reason: 'answer-of-workspace' }, { cause: parsed.error });
}
