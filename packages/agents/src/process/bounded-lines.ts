/** A line of the protocol, or the size of one that was too long to be kept. */
export type BoundedLine =
  { readonly type: 'line'; readonly text: string } | { readonly type: 'too-long'; readonly bytes: number };

const NEWLINE = 0x0a;

/**
 * Lines of a byte stream, without their ends. Never holds more than `maxBytes` of one: what is longer is counted and
 * thrown away. A last line without an end is a line. Empty lines are left out.
 */
export async function* boundedLines(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<BoundedLine> {
  const line = new LineBuffer(maxBytes);
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      line.append(chunk.subarray(from, end));
      from = end + 1;
      const whole = line.take();
      if (whole !== null) yield whole;
    }
    line.append(chunk.subarray(from));
  }
  const last = line.take();
  if (last !== null) yield last;
}

class LineBuffer {
  private parts: Uint8Array[] = [];
  private bytes = 0;

  constructor(private readonly maxBytes: number) {}

  append(part: Uint8Array): void {
    if (part.length === 0) return;
    this.bytes += part.length;
    if (this.bytes > this.maxBytes) this.parts = [];
    else this.parts.push(part);
  }

  take(): BoundedLine | null {
    const { parts, bytes } = this;
    this.parts = [];
    this.bytes = 0;
    if (bytes > this.maxBytes) return { type: 'too-long', bytes };
    const text = Buffer.concat(parts).toString('utf8').trim();
    return text === '' ? null : { type: 'line', text };
  }
}
