import type { InstalledAgent } from '@aileron/agents';
import type { Connector } from '@aileron/connectors';
import type { SandboxLimits } from '@aileron/sandbox';
import type { Logger } from '@aileron/telemetry';

export interface LocalProvisionerOptions {
  /** An absolute folder of ours alone, made 0700. Short: a Unix socket's path has 107 bytes. */
  readonly directory: string;
  /** Node, for the parts and for what puts commands into the sandbox. */
  readonly nodePath: string;
  /** The programs of workspace-runtime and workspace-terminal. */
  readonly runtimeMain: string;
  readonly terminalMain: string;
  readonly connectors: readonly Connector[];
  /** Told to every agent: where Aileron's actions are. */
  readonly promptHint: string;
  /** Where agents are installed, or installed from here on. */
  readonly agentsDirectory: string;
  /** Puts an agent there, or finds it. Default: `findAgent(kind).install`. */
  readonly installAgent?: (kind: string, signal: AbortSignal, line: (text: string) => void) => Promise<InstalledAgent>;
  readonly limits?: Partial<SandboxLimits>;
  readonly log: Logger;
  readonly clock: { now(): number };
  readonly deadlines?: Partial<LocalDeadlines>;
}

/** Milliseconds. */
export interface LocalDeadlines {
  /** Until both parts listen. */
  readonly listenMs: number;
  /** A part is asked to end, and has so long. */
  readonly stopMs: number;
  /** From SIGKILL until the kernel has taken it away. */
  readonly killMs: number;
}

export const DEFAULT_DEADLINES: LocalDeadlines = { listenMs: 60_000, stopMs: 5_000, killMs: 10_000 };
