import { spawn } from '@lydell/node-pty';

export interface PtyOptions {
  readonly command: readonly string[];
  readonly columns: number;
  readonly rows: number;
  readonly workingDirectory: string;
  /** All of it: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A program on a pseudo-terminal, in bytes: node-pty's types say text, and without an encoding it carries bytes. */
export interface Pty {
  write(data: Uint8Array): void;
  resize(columns: number, rows: number): void;
  /** The program waits once the kernel's buffer is full. */
  pause(): void;
  resume(): void;
  kill(signal: NodeJS.Signals): void;
  onData(listener: (data: Buffer) => void): void;
  onExit(listener: (exit: { readonly exitCode: number }) => void): void;
}

export function openPty({ command, columns, rows, workingDirectory, environment }: PtyOptions): Pty {
  const [file = '', ...args] = command;
  const pty = spawn(file, args, {
    name: 'xterm-256color',
    cols: columns,
    rows,
    cwd: workingDirectory,
    env: { ...environment },
    encoding: null,
  });
  return pty as unknown as Pty;
}
