import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { currentContext } from './request-context.js';

export type Logger = PinoLogger;
export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

export interface LoggerOptions {
  readonly service: string;
  readonly level?: LogLevel;
  /** Standard error when absent: standard output belongs to results. */
  readonly destination?: DestinationStream;
}

/** Names whose values are never written, at the top and one or two levels down. */
const SENSITIVE = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'token',
  'agentToken',
  'password',
  'passphrase',
  'secret',
  'plaintext',
  'privateKey',
  'privateKeyBase64',
  'vaultKeyBase64',
  'apiKey',
];
const paths = SENSITIVE.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]);

/** A structured logger; every line carries the request, tenant and actor of the work at hand. */
export function createLogger({ service, level = 'info', destination }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: { service, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths, censor: '[redacted]' },
      mixin: () => ({ ...currentContext() }),
      serializers: { err: pino.stdSerializers.err },
    },
    destination ?? pino.destination({ dest: 2, sync: true }),
  );
}
