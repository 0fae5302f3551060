import type { ServiceProcess } from '../home/service-file.js';

/** The services of a home at work, in one process or apart. */
export interface Backend {
  /** Of the REST API of the management plane. */
  readonly url: string;
  /** Of workspace-manager's REST API; null where no workspaces are managed. */
  readonly workspacesUrl: string | null;
  /** Of Bull Board; null where there is none. */
  readonly boardUrl: string | null;
  readonly processes: readonly ServiceProcess[];
  /** Ends all of it: what is in flight has a bounded time. */
  close(): Promise<void>;
}
