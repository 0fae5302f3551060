import { controlsOf } from './screen-controls.js';

const LINE_FEED = 0x0a;
/** Of the end that is kept, whatever its lines are. */
const LONGEST_TAIL_BYTES = 1 << 20;
/** The end is looked for again when so much more has come. */
const SHORTEN_ABOVE_BYTES = 2 << 20;

/**
 * Output that the emulator has not drawn yet. When it is more than the screen and the lines above it hold, its beginning is
 * nothing that anybody will see: only its control sequences are kept.
 */
export class ScreenBacklog {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #isWholePast = false;

  get bytes(): number {
    return this.#bytes;
  }

  /** What is drawn from it fills the screen and the lines above: nothing from before is seen. */
  get isWholePast(): boolean {
    return this.#isWholePast;
  }

  get chunks(): readonly Buffer[] {
    return this.#chunks;
  }

  /** `lines`: of the screen and above it. */
  add(data: Buffer, lines: number): void {
    this.#chunks.push(data);
    this.#bytes += data.length;
    if (this.#bytes > SHORTEN_ABOVE_BYTES) this.shorten(lines);
  }

  shorten(lines: number): void {
    const all = Buffer.concat(this.#chunks);
    const from = startOfTail(all, lines);
    if (from === 0) return this.#set([all]);
    this.#set([controlsOf(all.subarray(0, from)), Buffer.from(all.subarray(from))]);
    this.#isWholePast = true;
  }

  /** The next bytes to draw. */
  take(most: number): Buffer | null {
    const [first] = this.#chunks;
    if (first === undefined) return null;
    const taken = first.subarray(0, most);
    if (taken.length === first.length) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(most);
    this.#bytes -= taken.length;
    // From here on the emulator has a part of it.
    this.#isWholePast = false;
    return taken;
  }

  #set(chunks: Buffer[]): void {
    this.#chunks = chunks.filter(({ length }) => length > 0);
    this.#bytes = this.#chunks.reduce((total, { length }) => total + length, 0);
  }
}

/** After the line feed from which on there are so many lines; 0 when there are not. */
function startOfTail(bytes: Buffer, lines: number): number {
  const least = Math.max(0, bytes.length - LONGEST_TAIL_BYTES);
  let at = bytes.length;
  for (let count = 0; count <= lines; count += 1) {
    at = at === 0 ? -1 : bytes.lastIndexOf(LINE_FEED, at - 1);
    if (at < least) return least;
  }
  return at + 1;
}
