import { decodeByteFrame, StreamCursor } from '@aileron/event-log';
import type { StreamAnswer } from './live-stream.js';
import { decodeChunk, decodeScreen } from './terminal-frames.js';

/** Where a terminal's output goes: xterm in the page. */
export interface TerminalDisplay {
  /** Draw on an empty one of this size. */
  reset(size: { readonly columns: number; readonly rows: number }, drawing: Uint8Array): void;
  write(data: Uint8Array): void;
  resize(columns: number, rows: number): void;
  exited(code: number): void;
  /** Something that was printed is missing here. */
  gap(): void;
}

/** Frames of a terminal, each byte once: after a cut it goes on exactly where it was. */
export class TerminalFeed {
  readonly #cursor = new StreamCursor<Uint8Array, Uint8Array>();

  constructor(private readonly display: TerminalDisplay) {}

  attachPath(path: string): string {
    const { position } = this.#cursor;
    if (position === null) return path;
    return `${path}?${new URLSearchParams({ epoch: position.epoch, seq: `${position.seq}` }).toString()}`;
  }

  accept(frame: Uint8Array): StreamAnswer {
    try {
      return this.#take(frame);
    } catch {
      return 'attach-again';
    }
  }

  #take(frame: Uint8Array): StreamAnswer {
    const step = this.#cursor.accept(decodeByteFrame(frame));
    switch (step.do) {
      case 'replace': {
        const { drawing, ...size } = decodeScreen(step.snapshot);
        this.display.reset(size, drawing);
        return 'go-on';
      }
      case 'apply':
        for (const { event } of step.events) this.#show(event);
        return 'go-on';
      case 'show-gap':
        this.display.gap();
        return 'go-on';
      case 'nothing':
        return 'go-on';
      case 'reattach':
        return 'attach-again';
      case 'end':
        return step.reason === 'removed' ? 'removed' : 'attach-again';
    }
  }

  #show(bytes: Uint8Array): void {
    const chunk = decodeChunk(bytes);
    if (chunk.kind === 'output') this.display.write(chunk.data);
    else if (chunk.kind === 'resize') this.display.resize(chunk.columns, chunk.rows);
    else this.display.exited(chunk.code);
  }
}
