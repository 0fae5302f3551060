import type { ServiceProcess } from '../home/service-file.js';

/** The three services of a home at work, in one process or apart. */
export interface Backend {
  /** Of the REST API of the management plane. */
  readonly url: string;
  readonly processes: readonly ServiceProcess[];
  /** Ends all of it: what is in flight has a bounded time. */
  close(): Promise<void>;
}
