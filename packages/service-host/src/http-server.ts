import type { LocalAccessOptions } from '@aileron/auth';

export interface HttpOptions {
  /** Loopback only, while login is off. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly bodyLimitBytes?: number;
  readonly access: LocalAccessOptions;
}
