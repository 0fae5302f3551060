import { z } from 'zod';
import { AileronSettings, PlatformSettings, secret } from '@aileron/config';

/** What the command line reads from the environment. */
export const CliConfig = z.object({
  AILERON_HOME: z.string().min(1).max(4_096).optional(),
  AILERON_AGENTS_DIRECTORY: z.string().min(1).max(4_096).optional(),
  AILERON_PASSPHRASE: secret().optional(),
  ...AileronSettings.pick({ AILERON_LOG_LEVEL: true }).shape,
  ...PlatformSettings.pick({ OTEL_EXPORTER_OTLP_ENDPOINT: true, REDIS_URL: true, DOCKER_HOST: true }).shape,
  /** Who asks for login must not be served without it. */
  ENABLE_AUTH: PlatformSettings.shape.ENABLE_AUTH.refine((asked) => !asked, 'login is not offered yet: unset it'),
  XDG_CACHE_HOME: z.string().min(1).max(4_096).optional(),
});
