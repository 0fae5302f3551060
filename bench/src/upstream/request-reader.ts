const HEAD_END = Buffer.from('\r\n\r\n');

export interface RequestHead {
  readonly method: string;
  readonly path: string;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Reads HTTP/1.1 requests one after another: with a length, in chunks, or without a body. */
export class RequestReader {
  #rest: Buffer = Buffer.alloc(0);
  #head: RequestHead | null = null;
  #left = 0;
  #chunked = false;
  #begin = '';

  /** `begin`: the first bytes of the body. */
  constructor(private readonly onRequest: (head: RequestHead, begin: string) => void) {}

  push(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (this.#head === null ? this.#readHead() : this.#readBody());
  }

  #readHead(): boolean {
    const end = this.#rest.indexOf(HEAD_END);
    if (end === -1) return false;
    const [line = '', ...fields] = this.#rest.toString('latin1', 0, end).split('\r\n');
    this.#rest = this.#rest.subarray(end + 4);
    const [method = '', path = ''] = line.split(' ');
    const headers = new Map(
      fields.map((field) => {
        const colon = field.indexOf(':');
        return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()] as const;
      }),
    );
    this.#head = { method, path, headers };
    this.#begin = '';
    this.#chunked = headers.get('transfer-encoding') === 'chunked';
    this.#left = Number(headers.get('content-length') ?? 0);
    if (!this.#chunked && this.#left === 0) this.#finish();
    return this.#rest.length > 0;
  }

  #readBody(): boolean {
    if (this.#rest.length === 0) return false;
    if (this.#chunked && this.#left === 0) return this.#readChunkSize();
    const bytes = this.#rest.subarray(0, this.#left);
    this.#rest = this.#rest.subarray(bytes.length);
    this.#left -= bytes.length;
    if (this.#begin.length < 200) this.#begin += bytes.toString('latin1', 0, 200);
    if (this.#left === 0 && !this.#chunked) this.#finish();
    return this.#rest.length > 0;
  }

  /** A chunk's line end is read as part of it. */
  #readChunkSize(): boolean {
    const end = this.#rest.indexOf('\r\n');
    if (end === -1) return false;
    const size = Number.parseInt(this.#rest.toString('latin1', 0, end), 16);
    if (size === 0 && this.#rest.length < end + 4) return false;
    this.#rest = this.#rest.subarray(size === 0 ? end + 4 : end + 2);
    if (size === 0) this.#finish();
    else this.#left = size + 2;
    return true;
  }

  #finish(): void {
    const head = this.#head;
    this.#head = null;
    if (head !== null) this.onRequest(head, this.#begin);
  }
}
