import { z } from 'zod';
import { secret } from './secret-field.js';

const flag = z.enum(['true', 'false', '1', '0']).transform((value) => value === 'true' || value === '1');

/** The settings of the workspace plane, by their established names and defaults. */
export const PlatformSettings = z.object({
  DATABASE_URL: secret().optional(),
  REDIS_URL: secret().optional(),
  SECRET_KEY: secret().optional(),
  DOCKER_HOST: z.string().max(1_024).default('unix:///var/run/docker.sock'),
  DEBUG: flag.default(false),
  ENABLE_AUTH: flag.default(false),
  KEYCLOAK_SERVER_URL: z.url().optional(),
  KEYCLOAK_REALM: z.string().min(1).max(255).default('aileron'),
  KEYCLOAK_CLIENT_ID: z.string().min(1).max(255).optional(),
  KEYCLOAK_CLIENT_SECRET: secret().optional(),
  JWT_ALGORITHM: z.enum(['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA']).default('RS256'),
  /** Traces are sent there, as OTLP over HTTP; without it none are made. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().max(2_048).optional(),
  JWT_ACCESS_TOKEN_EXPIRE_MINUTES: z.coerce.number().int().min(1).max(1_440).default(30),
});
export type PlatformSettings = z.infer<typeof PlatformSettings>;
