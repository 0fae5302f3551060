/** To be run by the caller, in a transaction of its own: `client.query(text, values)`, `tx.$executeRawUnsafe(text, ...values)`. */
export interface SqlStatement {
  readonly text: string;
  readonly values: readonly (string | Date | null)[];
}
