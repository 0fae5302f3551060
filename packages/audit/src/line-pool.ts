const POOL_BYTES = 65_536;
/** Of one UTF-16 unit. */
const MOST_UTF8_BYTES = 3;
const LINE_FEED = 0x0a;

const encoder = new TextEncoder();

/** Texts as UTF-8 with a line feed behind each, one after the other in arrays that many share: none is used twice. */
export class LinePool {
  #pool = new Uint8Array(POOL_BYTES);
  #at = 0;

  /** `fedLine` is `line` and its line feed. */
  write(text: string): { readonly line: Uint8Array; readonly fedLine: Uint8Array } {
    const most = text.length * MOST_UTF8_BYTES + 1;
    if (this.#at + most > this.#pool.length) {
      this.#pool = new Uint8Array(Math.max(POOL_BYTES, most));
      this.#at = 0;
    }
    const start = this.#at;
    const end = start + encoder.encodeInto(text, this.#pool.subarray(start)).written;
    this.#pool[end] = LINE_FEED;
    this.#at = end + 1;
    return { line: this.#pool.subarray(start, end), fedLine: this.#pool.subarray(start, end + 1) };
  }
}
