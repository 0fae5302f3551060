import { spawn } from '@lydell/node-pty';
import { PtyInput } from './pty-input.js';

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
  readonly input: PtyInput;
  resize(columns: number, rows: number): void;
  /** The program waits once the kernel's buffer is full. */
  pause(): void;
  resume(): void;
  kill(signal: NodeJS.Signals): void;
  onData(listener: (data: Buffer) => void): void;
  onExit(listener: (exit: { readonly exitCode: number }) => void): void;
}

/** What its types do not say. */
interface UnixPty {
  readonly fd: number;
  readonly _socket: { readonly destroyed: boolean };
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
  const opened = pty as unknown as Omit<Pty, 'input'> & UnixPty;
  const input = new PtyInput({ fd: opened.fd, isOpen: () => !opened._socket.destroyed });
  return Object.assign(opened, { input });
}
