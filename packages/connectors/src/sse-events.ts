/** One server-sent event: its data lines joined, https://html.spec.whatwg.org/multipage/server-sent-events.html */
export type OnEvent = (data: string) => void;

const LONGEST_LINE = 1 << 20;

/** Splits a stream into the data of its events, whatever the chunks. A line past the limit is given up, not kept. */
export class SseEvents {
  private readonly decoder = new TextDecoder('utf-8');
  private line = '';
  private data: string[] = [];
  private skipLineFeed = false;

  constructor(private readonly onEvent: OnEvent) {}

  push(chunk: Uint8Array): void {
    let text = this.decoder.decode(chunk, { stream: true });
    if (this.skipLineFeed && text.startsWith('\n')) text = text.slice(1);
    if (text !== '') this.skipLineFeed = text.endsWith('\r');
    const lines = (this.line + text).split(/\r\n|\n|\r/);
    this.line = lines.pop() ?? '';
    if (this.line.length > LONGEST_LINE) this.line = '';
    for (const line of lines) this.take(line);
  }

  private take(line: string): void {
    if (line === '') {
      if (this.data.length > 0) this.onEvent(this.data.join('\n'));
      this.data = [];
    } else if (line.startsWith('data:')) {
      this.data.push(line.slice(line.charCodeAt(5) === 0x20 ? 6 : 5));
    }
  }
}
