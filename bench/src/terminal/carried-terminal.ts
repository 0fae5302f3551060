/** Some output of a terminal as its reader gets it. */
export interface CarriedOutput {
  readonly bytes: Uint8Array;
  /** The screen instead of what the reader was too slow for. */
  readonly isScreen: boolean;
}

/** A shell on a pseudo-terminal, and one who reads it from another process. */
export interface CarriedTerminal {
  type(text: string): Promise<void>;
  /** From its beginning, or from the screen; one reader. */
  output(signal: AbortSignal): AsyncIterable<CarriedOutput>;
  close(): Promise<void>;
}

/** What stands between a shell and its reader. */
export interface TerminalWay {
  readonly name: TerminalWayName;
  open(): Promise<CarriedTerminal>;
  /** Whose processor time it costs, the shell's among it. */
  processes(): readonly number[];
  close(): Promise<void>;
}

export const TERMINAL_WAYS = ['bare', 'service', 'manager', 'gateway'] as const;
export type TerminalWayName = (typeof TERMINAL_WAYS)[number];
