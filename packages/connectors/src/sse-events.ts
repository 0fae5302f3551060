/** The data of one server-sent event, its lines joined. https://html.spec.whatwg.org/multipage/server-sent-events.html */
export type OnEvent = (data: string) => void;

const LONGEST_EVENT = 1 << 20;
const LINE_END = /\r\n|\r|\n/g;

/**
 * Splits a stream into the data of its events, whatever the chunks and the line ends. An event past the limit is given
 * up, not kept.
 */
export class SseEvents {
  private readonly decoder = new TextDecoder('utf-8');
  private line = '';
  private lineLength = 0;
  private data: string[] = [];
  /** Of the event's data and the line being read. */
  private length = 0;
  /** A `\r` ended the last chunk: a `\n` that follows belongs to it. */
  private afterReturn = false;

  constructor(private readonly onEvent: OnEvent) {}

  push(chunk: Uint8Array): void {
    let text = this.decoder.decode(chunk, { stream: true });
    if (text === '') return;
    if (this.afterReturn && text.startsWith('\n')) text = text.slice(1);
    this.afterReturn = text.endsWith('\r');
    let from = 0;
    for (const { 0: end, index } of text.matchAll(LINE_END)) {
      this.extend(text.slice(from, index));
      this.endLine();
      from = index + end.length;
    }
    this.extend(text.slice(from));
  }

  private extend(text: string): void {
    this.lineLength += text.length;
    this.length += text.length;
    if (this.length <= LONGEST_EVENT) this.line += text;
  }

  private endLine(): void {
    const { line, lineLength } = this;
    this.line = '';
    this.lineLength = 0;
    if (lineLength === 0) return this.dispatch();
    if (this.length > LONGEST_EVENT) this.data = [];
    else if (line.startsWith('data:')) this.data.push(line.slice(line.charCodeAt(5) === 0x20 ? 6 : 5));
    else this.length -= lineLength;
  }

  private dispatch(): void {
    if (this.data.length > 0) this.onEvent(this.data.join('\n'));
    this.data = [];
    this.length = 0;
  }
}
