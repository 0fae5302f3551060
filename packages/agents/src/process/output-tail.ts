import type { Readable } from 'node:stream';
import { withoutControls } from './without-controls.js';

/** The end of what a stream says, and never more of it. Reads the stream, so that its writer is never blocked. */
export class OutputTail {
  private text = '';

  constructor(
    stream: Readable,
    private readonly maxCharacters: number,
  ) {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      this.text = (this.text + chunk).slice(-this.maxCharacters);
    });
    stream.on('error', () => undefined);
  }

  /** In one line, without control characters: it comes from the agent. */
  toString(): string {
    return withoutControls(this.text).trim();
  }
}
