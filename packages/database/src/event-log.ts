/** Where this package tells what happened; a pino logger fits. */
export interface EventLog {
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
}

export const SILENT: EventLog = { info: () => undefined, warn: () => undefined };
