/** Reads big-endian numbers and length-prefixed vectors (RFC 8446 3.4). Reading past the end throws RangeError. */
export class ByteCursor {
  #at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get done(): boolean {
    return this.#at === this.bytes.length;
  }

  number(width: 1 | 2 | 3): number {
    let value = 0;
    for (const byte of this.take(width)) value = value * 256 + byte;
    return value;
  }

  take(length: number): Uint8Array {
    if (this.#at + length > this.bytes.length) throw new RangeError('a field is longer than what holds it');
    const taken = this.bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }

  /** A vector whose length stands before it in `width` bytes. */
  vector(width: 1 | 2 | 3): ByteCursor {
    return new ByteCursor(this.take(this.number(width)));
  }

  rest(): Uint8Array {
    return this.take(this.bytes.length - this.#at);
  }

  end(): void {
    if (!this.done) throw new RangeError('bytes are left over');
  }
}
