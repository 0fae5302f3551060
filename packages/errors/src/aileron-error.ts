import type { ErrorDefinition } from './error-definition.js';
import { ERROR_TABLE, type ErrorCode } from './error-table.js';

/** A field of the caller's input and what to do about it. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** Facts the caller may see. Never a secret, never text of the cause. */
export type ErrorDetails = Readonly<
  Record<string, string | number | boolean | null | readonly FieldError[] | readonly string[]>
>;

export interface AileronErrorOptions {
  /** For the log only: no transport sends it. */
  readonly cause?: unknown;
}

/** The one error of Aileron: a code of the table, details for the caller, a cause for the log. */
export class AileronError extends Error {
  override readonly name = 'AileronError';

  constructor(
    readonly code: ErrorCode,
    readonly details: ErrorDetails = {},
    options: AileronErrorOptions = {},
  ) {
    super(ERROR_TABLE[code].message, options);
  }

  get definition(): ErrorDefinition {
    return ERROR_TABLE[this.code];
  }

  /** The wrong fields of an input, for INVALID_ARGUMENT and its kin. */
  get fields(): readonly FieldError[] {
    const fields = this.details['fields'];
    return Array.isArray(fields) ? (fields as readonly FieldError[]) : [];
  }

  static is(value: unknown, code?: ErrorCode): value is AileronError {
    return value instanceof AileronError && (code === undefined || value.code === code);
  }

  /** Any thrown value as an AileronError: what is not one becomes INTERNAL, with itself as the cause. */
  static from(value: unknown): AileronError {
    return value instanceof AileronError ? value : new AileronError('INTERNAL', {}, { cause: value });
  }
}
