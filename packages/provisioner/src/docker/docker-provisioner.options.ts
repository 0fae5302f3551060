import type { InstalledAgent } from '@aileron/agents';
import type { Connector } from '@aileron/connectors';

const GIB = 1_073_741_824;

/** What one workspace may use, all of its processes together. */
export interface WorkspaceLimits {
  readonly processes: number;
  readonly memoryBytes: number;
  /** In cores; never more than the engine has. */
  readonly cpus: number;
  readonly openFiles: number;
  readonly temporaryBytes: number;
  /** Of the project and of the home, each; held where the engine's file system counts by projects (XFS, ext4 with prjquota). */
  readonly volumeBytes: number;
}

export const DEFAULT_LIMITS: WorkspaceLimits = {
  processes: 1_024,
  memoryBytes: 4 * GIB,
  cpus: 2,
  openFiles: 16_384,
  temporaryBytes: GIB,
  volumeBytes: 32 * GIB,
};

export interface DockerProvisionerOptions {
  /** As DOCKER_HOST: `unix:///var/run/docker.sock`. Only an engine of this machine, for sockets are mounted. */
  readonly dockerHost: string;
  /** What workspaces run in unless they name another; made by `pnpm images`. */
  readonly image: string;
  /** An absolute folder of ours alone for sockets and settings. Short: a Unix socket's path has 107 bytes. */
  readonly directory: string;
  /** 1 to 32 of a-z, 0-9. Another home on the same engine has another one, and neither sees what is the other's. */
  readonly homeId: string;
  readonly connectors: readonly Connector[];
  /** Told to every agent: where Aileron's actions are. */
  readonly promptHint: string;
  /** Where agents are installed on this host, or installed from here on; workspaces see them read-only. */
  readonly agentsDirectory: string;
  /** Puts an agent there, or finds it. Default: `findAgent(kind).install`. */
  readonly installAgent?: (kind: string, signal: AbortSignal, line: (text: string) => void) => Promise<InstalledAgent>;
  readonly limits?: Partial<WorkspaceLimits>;
  readonly deadlines?: Partial<DockerDeadlines>;
}

/** Milliseconds. */
export interface DockerDeadlines {
  readonly callMs: number;
  readonly listenMs: number;
  /** What runs inside is asked to end, and has so long. */
  readonly stopMs: number;
}

export const DEFAULT_DEADLINES: DockerDeadlines = { callMs: 30_000, listenMs: 60_000, stopMs: 10_000 };
