import { Secret } from '@aileron/vault/secret';
import { z } from 'zod';

const secrets = new WeakSet<z.core.$ZodType>();

/** A secret in the configuration: read once, never printed. `NAME_FILE` is accepted in its place. */
export function secret() {
  const schema = z
    .string()
    .min(1)
    .max(65_536)
    .transform((value) => Secret.fromString(value));
  secrets.add(schema);
  return schema;
}

/** Whether a field is a secret, also when it is optional, has a default or is piped on. */
export function isSecretField(schema: z.core.$ZodType): boolean {
  if (secrets.has(schema)) return true;
  const { innerType, in: input } = schema._zod.def as { innerType?: z.core.$ZodType; in?: z.core.$ZodType };
  const inner = innerType ?? input;
  return inner !== undefined && isSecretField(inner);
}
