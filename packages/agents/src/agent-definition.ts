/** Progress of an installation, a line a person can read. */
export type OnProgress = (line: string) => void;

export interface InstallInput {
  /** The folder for agents of this home; each version gets a folder of its own in it. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly onProgress?: OnProgress;
  /** What the package manager runs with: its registry, its proxy. This process's own when absent. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** An agent on this machine, complete and checked. */
export interface InstalledAgent {
  readonly name: string;
  readonly version: string;
  /** Host folder that holds the whole agent; a sandbox mounts it read-only. */
  readonly directory: string;
  /** The program, relative to `directory`. */
  readonly command: string;
}

/** Where an agent runs and what it is given there. */
export interface AgentPlacement {
  readonly installed: InstalledAgent;
  /** Where `installed.directory` is seen by the agent. */
  readonly installDirectory: string;
  /** The Node binary as the agent sees it. */
  readonly nodePath: string;
  /** The project as the agent sees it. */
  readonly projectDirectory: string;
  /** Appended to the agent's system prompt: how to find what Aileron offers. */
  readonly promptHint: string;
  /** The placeholder of the `anthropic` connector. Never a real key. */
  readonly anthropicPlaceholder: string;
}

export interface CommandInput extends AgentPlacement {
  /** What to do; null only when interactive. */
  readonly prompt: string | null;
  readonly interactive: boolean;
}

/** A file the agent expects in its home. */
export interface AgentFile {
  /** Relative to the home, without `..`. */
  readonly path: string;
  readonly content: string;
}

export interface AgentCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: readonly AgentFile[];
}

/** What Aileron has to know of an agent to install and start it. */
export interface AgentDefinition {
  readonly name: string;
  /** The exact version that is installed. */
  readonly version: string;
  /** Connectors without which it cannot work. */
  readonly connectors: readonly string[];
  /**
   * Idempotent; safe when two run at once; leaves nothing half made.
   * @throws AileronError AGENT_UNAVAILABLE
   */
  install(input: InstallInput): Promise<InstalledAgent>;
  command(input: CommandInput): AgentCommand;
}
