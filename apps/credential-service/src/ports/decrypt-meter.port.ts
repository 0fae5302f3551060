/** Counts, for the metrics. Labels come from fixed lists. */
export interface DecryptMeter {
  /** `outcome` is `ok` or an error code of the table. */
  decrypted(outcome: string): void;
  leases(inMemory: number): void;
}

export const DECRYPT_METER = Symbol('DecryptMeter');
