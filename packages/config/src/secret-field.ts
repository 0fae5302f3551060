import { Secret } from '@aileron/vault';
import { z } from 'zod';

/** A secret in the configuration: read once, never printed. `NAME_FILE` is accepted in its place. */
export const secret = () =>
  z
    .string()
    .min(1)
    .max(65_536)
    .transform((value) => Secret.fromString(value));
