import type { Readable, Writable } from 'node:stream';
import type { AgentCommand } from '../agent-definition.js';

export interface LaunchRequest {
  /**
   * Program, environment and the files it expects in its home. The environment is what the agent needs, not all it gets.
   * Conversations of one home may run at once: its files appear whole or not at all.
   */
  readonly command: AgentCommand;
  /** The project as the agent sees it. */
  readonly workingDirectory: string;
  /** Aborted when nobody waits for the process any more; it need not be started then. */
  readonly signal: AbortSignal;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A running process. Its streams are not read by anyone else. */
export interface LaunchedProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** Ends it with everything it started. Does nothing once it is gone. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** Starts agents: under another uid, in a sandbox or a container. Given by whoever runs the agent. */
export interface ProcessLauncher {
  /** @throws AileronError AGENT_UNAVAILABLE */
  launch(request: LaunchRequest): Promise<LaunchedProcess>;
}
