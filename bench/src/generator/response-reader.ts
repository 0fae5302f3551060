const HEAD_END = Buffer.from('\r\n\r\n');

export interface ResponseEvents {
  readonly onBody: (chunk: Buffer) => void;
  readonly onEnd: (status: number) => void;
}

/** Reads HTTP/1.1 responses one after another: a length or chunks, which is all that the upstream sends. */
export class ResponseReader {
  #rest: Buffer = Buffer.alloc(0);
  #state: 'head' | 'body' | 'chunk-size' | 'chunk' | 'chunk-end' = 'head';
  #status = 0;
  #left = 0;

  constructor(private readonly events: ResponseEvents) {}

  push(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (this.#step());
  }

  /** False when more bytes are needed. */
  #step(): boolean {
    switch (this.#state) {
      case 'head':
        return this.#readHead();
      case 'chunk-size':
        return this.#readChunkSize();
      case 'chunk-end':
        if (this.#rest.length < 2) return false;
        this.#rest = this.#rest.subarray(2);
        this.#state = 'chunk-size';
        if (this.#left === -1) this.#finish();
        return this.#rest.length > 0;
      case 'body':
      case 'chunk':
        return this.#readBytes();
    }
  }

  #readHead(): boolean {
    const end = this.#rest.indexOf(HEAD_END);
    if (end === -1) return false;
    const head = this.#rest.toString('latin1', 0, end);
    this.#rest = this.#rest.subarray(end + 4);
    this.#status = Number(head.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) {
      if (!/\r\ntransfer-encoding: *chunked/i.test(head)) throw new Error(`an answer without length: ${head}`);
      this.#state = 'chunk-size';
      return true;
    }
    this.#left = Number(length);
    this.#state = 'body';
    if (this.#left === 0) this.#finish();
    return true;
  }

  #readChunkSize(): boolean {
    const end = this.#rest.indexOf('\r\n');
    if (end === -1) return false;
    const size = Number.parseInt(this.#rest.toString('latin1', 0, end), 16);
    this.#rest = this.#rest.subarray(end + 2);
    this.#left = size === 0 ? -1 : size;
    this.#state = size === 0 ? 'chunk-end' : 'chunk';
    return true;
  }

  #readBytes(): boolean {
    if (this.#rest.length === 0) return false;
    const bytes = this.#rest.subarray(0, this.#left);
    this.#rest = this.#rest.subarray(bytes.length);
    this.#left -= bytes.length;
    this.events.onBody(bytes);
    if (this.#left > 0) return false;
    if (this.#state === 'chunk') this.#state = 'chunk-end';
    else this.#finish();
    return this.#rest.length > 0;
  }

  #finish(): void {
    this.#state = 'head';
    this.#left = 0;
    this.events.onEnd(this.#status);
  }
}
