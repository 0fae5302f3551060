const CENSORED = '[redacted]';
const DEEPEST = 6;
const LONGEST = 4_096;
const WIDEST = 100;

/** Names whose values are never written, wherever they stand. Compared without case, `-` and `_`. */
const SENSITIVE =
  /^(authorization|proxyauthorization|cookie|setcookie|xapikey|apikey|token|.*token|password|.*password|passphrase|.*passphrase|secret|.*secret|secretkey|plaintext|credentials?|recoverykit|privatekey.*|vaultkey.*|masterkey.*|sealedlease.*|databaseurl|redisurl)$/;
const isSensitive = (name: string): boolean => SENSITIVE.test(name.toLowerCase().replace(/[-_]/g, ''));

/** Credentials by their shape, in a text that is otherwise worth reading: a message of another library, for example. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/\b(Bearer|Basic|Negotiate)\s+[A-Za-z0-9+/=._~-]{6,}/gi, `$1 ${CENSORED}`],
  [/([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@]{1,512}@/gi, `$1${CENSORED}@`],
  [/\b(sk-ant-|sk-|lin_api_|lin_oauth_|gh[pousr]_|github_pat_|xox[abprs]-|AKIA)[A-Za-z0-9_-]{6,}/g, `$1${CENSORED}`],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, CENSORED],
];

export function redactText(text: string): string {
  const short = text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}… (${text.length} characters)`;
  return SHAPES.reduce((redacted, [shape, replacement]) => redacted.replace(shape, replacement), short);
}

/**
 * A value as it may be written: sensitive names censored at every depth, bytes by their length alone, errors by class,
 * code and message, texts bounded. What has its own JSON form (a Secret, a date) is left to it.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (isError(value)) return redactError(value, depth);
  if ('toJSON' in value && typeof value.toJSON === 'function') return value;
  if (depth >= DEEPEST) return '[deeper]';
  if (Array.isArray(value)) return value.slice(0, WIDEST).map((item) => redact(item, depth + 1));
  return redactFields(value, depth);
}

export function redactFields(fields: object, depth = 0): Record<string, unknown> {
  const entries = Object.entries(fields).slice(0, WIDEST);
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      isSensitive(name) && value !== undefined ? CENSORED : redact(value, depth + 1),
    ]),
  );
}

/** Also of another realm, where instanceof is no help. */
export const isError = (value: object): value is Error =>
  value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';

/** No other property of an error is written: libraries hang requests, headers and queries on theirs. */
function redactError(error: Error, depth: number): Record<string, unknown> {
  const { code, details } = error as { code?: unknown; details?: unknown };
  const codeOnly = typeof code === 'string' || typeof code === 'number' ? { code } : {};
  return {
    type: error.name,
    message: redactText(error.message),
    ...codeOnly,
    ...(typeof details === 'object' && details !== null ? { details: redact(details, depth + 1) } : {}),
    stack: redactText(error.stack ?? ''),
    ...(error.cause === undefined || depth >= DEEPEST ? {} : { cause: redact(error.cause, depth + 1) }),
  };
}
