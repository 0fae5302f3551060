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
/** host:port, an IPv6 address in brackets. */
const hostAndPort = z
  .string()
  .max(261)
  .regex(/^(?:\[[0-9a-fA-F:]{2,45}\]|[0-9A-Za-z.-]{1,253}):\d{1,5}$/)
  .transform((text) => {
    const colon = text.lastIndexOf(':');
    return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
  })
  .pipe(z.object({ host: z.string(), port: z.number().max(65_535) }));
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
  AILERON_MGMT_PORT: port(3100),
  /** A part that runs alone: its whole configuration as one JSON value. */
  AILERON_CONFIG: secret().optional(),
  /** Where its gRPC services listen: host:port or unix:/path. */
  AILERON_LISTEN: z.string().min(1).max(4_096).optional(),
  /** Where the other parts are: `mgmt-plane=host:port,credential-service=unix:/path`. */
  AILERON_PEERS: z
    .string()
    .max(4_096)
    .regex(/^(?:[a-z][a-z-]{0,63}=[^,=\s]{1,1024})(?:,[a-z][a-z-]{0,63}=[^,=\s]{1,1024}){0,15}$/)
    .transform((text) => Object.fromEntries(text.split(',').map((each) => each.split('=') as [string, string])))
    .optional(),
  /** Holds `ca.crt`, `tls.crt` and `tls.key` of this part. */
  AILERON_TLS_DIRECTORY: path.optional(),
  /** Where health and metrics are read: host:port. */
  AILERON_OPS_LISTEN: hostAndPort.optional(),
  /** Test runs: what is missing on the machine fails instead of being skipped. */
  AILERON_REQUIRE_ALL: z.enum(['0', '1']).default('0'),
  /** Set by the sandbox for what runs inside. */
  AILERON_API_URL: z.url().max(2_048).optional(),
  AILERON_TOKEN: secret().optional(),
});
export type AileronSettings = z.infer<typeof AileronSettings>;
