import { z } from 'zod';

/** Text that Postgres keeps and every reader shows alike: well-formed Unicode (no lone surrogate), without NUL. */
export const Text = z.string().refine((text) => text.isWellFormed() && !text.includes('\u0000'), {
  message: 'must be well-formed Unicode without NUL',
});
