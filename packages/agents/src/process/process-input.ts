import type { Writable } from 'node:stream';

/** What may wait for an agent that does not read. */
const MAX_WAITING_BYTES = 8 << 20;

/** Writes lines to a process in their order, with a bound on what waits. */
export class ProcessInput {
  private broken = false;

  constructor(private readonly stream: Writable) {
    // EPIPE: its reader is gone, which the process's exit tells.
    stream.on('error', () => {
      this.broken = true;
    });
  }

  /** False when it cannot be written: the process is gone or has not read for long. */
  writeLine(line: string): boolean {
    if (this.broken || this.stream.writableEnded || this.stream.destroyed) return false;
    if (this.stream.writableLength > MAX_WAITING_BYTES) return false;
    this.stream.write(`${line}\n`);
    return true;
  }

  end(): void {
    if (!this.stream.writableEnded && !this.stream.destroyed) this.stream.end();
  }
}
