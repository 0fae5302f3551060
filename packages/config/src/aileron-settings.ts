import { z } from 'zod';
import { secret } from './secret-field.js';

/** A TCP port; 0 is any free one. */
const port = (standard: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .pipe(z.number().max(65_535))
    .default(standard);
const path = z.string().min(1).max(4_096);

/**
 * Every AILERON_ variable of any part, with its bounds and default. A part takes what it reads:
 * `AileronSettings.pick({ AILERON_HOME: true })`. A name that is not here is a slip, and is refused.
 */
export const AileronSettings = z.object({
  AILERON_HOME: path.optional(),
  AILERON_AGENTS_DIRECTORY: path.optional(),
  AILERON_PASSPHRASE: secret().optional(),
  AILERON_LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
  AILERON_GATEWAY_PORT: port(3000),
  AILERON_MGMT_PORT: port(3100),
  AILERON_MGMT_GRPC_PORT: port(3101),
  AILERON_CREDENTIAL_GRPC_PORT: port(3201),
  AILERON_PROXY_PORT: port(3128),
  AILERON_PROXY_HEALTH_PORT: port(3129),
  /** Test runs: what is missing on the machine fails instead of being skipped. */
  AILERON_REQUIRE_ALL: z.enum(['0', '1']).default('0'),
  /** Set by the sandbox for what runs inside. */
  AILERON_API_URL: z.url().max(2_048).optional(),
  AILERON_TOKEN: secret().optional(),
});
export type AileronSettings = z.infer<typeof AileronSettings>;
