import { destination as pinoDestination, pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { isError, redact, redactFields, redactText } from './redact.js';
import { currentContext } from './request-context.js';

export type Logger = PinoLogger;
export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

export interface LoggerOptions {
  readonly service: string;
  readonly level?: LogLevel;
  /** Standard error when absent: standard output belongs to results. A text is the path of a file, made 0600. */
  readonly destination?: DestinationStream | string;
}

/**
 * A structured logger; every line carries the request, tenant and actor of the work at hand. Whatever is handed to it is
 * redacted by name and by shape before it is written, bindings of a child included.
 */
export function createLogger({ service, level = 'info', destination }: LoggerOptions): Logger {
  const logger = pino(
    {
      level,
      base: { service, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: () => ({ ...currentContext() }),
      formatters: { log: (fields) => redactFields(fields) },
      // The formatter did it; pino's own serializer would write every property of an error.
      serializers: { err: (error: unknown) => error },
      hooks: { logMethod: prepare },
    },
    typeof destination === 'object' ? destination : openDestination(destination),
  );
  return withRedactedBindings(logger);
}

/** pino hands the bindings of a child to no formatter. Children inherit this method from their parent. */
function withRedactedBindings(logger: PinoLogger): PinoLogger {
  const child = logger.child;
  logger.child = function (this: PinoLogger, bindings: object, options?: object) {
    return child.call(this, redactFields(bindings), options);
  } as PinoLogger['child'];
  return logger;
}

type LogMethod = (...parameters: unknown[]) => void;

/**
 * An error comes as `err`, so that the formatter sees it, and lends the line no message: pino would take the error's own.
 * A message is the constant name of an event; one that is not is bounded and redacted like every text.
 */
function prepare(this: PinoLogger, parameters: Parameters<PinoLogger['info']>, method: LogMethod): void {
  const [first, ...rest] = parameters as unknown[];
  const fields = typeof first === 'object' && first !== null && isError(first) ? { err: first } : first;
  const texts = rest.map((each) => (typeof each === 'string' ? redactText(each) : redact(each)));
  if (typeof fields === 'string') method.call(this, redactText(fields), ...texts);
  else method.call(this, fields, ...(texts.length === 0 ? ['-'] : texts));
}

/** Written at once: the last lines before a crash are the ones that are needed. */
function openDestination(path: string | undefined): DestinationStream {
  return path === undefined
    ? pinoDestination({ dest: 2, sync: true })
    : pinoDestination({ dest: path, sync: true, mkdir: true, mode: 0o600 });
}
