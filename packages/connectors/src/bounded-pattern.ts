/** One character class and how often it may stand. */
interface Atom {
  readonly fits: (point: number) => boolean;
  readonly min: number;
  readonly max: number;
}

type Range = readonly [from: number, to: number];

const LONGEST_PATTERN = 512;
const MOST_ATOMS = 64;
/** Longer text has no match: a pattern describes identifiers, not documents. */
const LONGEST_TEXT = 65_536;
const MOST_REPEATS = 100_000;
const MOST_REMEMBERED = 10_000;

const CLASSES: Readonly<Record<string, readonly Range[]>> = {
  d: [[0x30, 0x39]],
  w: [
    [0x30, 0x39],
    [0x41, 0x5a],
    [0x5f, 0x5f],
    [0x61, 0x7a],
  ],
};
const NOT_A_LINE_END: readonly Range[] = [
  [0, 9],
  [0xb, 0xc],
  [0xe, 0x2027],
  [0x202a, 0x10ffff],
];
const ESCAPABLE = /^[\^$\\.*+?()[\]{}|/-]$/u;
const META = /^[\^$\\.*+?()[\]{}|]$/u;

/**
 * A regular expression from a foreign spec, as a row of classes with counts: `^[\w-]{1,64}$`. No groups, no alternatives,
 * both ends anchored. Matched by a table of reachable positions, so that no pattern and no text takes more than
 * atoms × length steps: there is nothing to backtrack (ReDoS). Means what the `u` flag of JavaScript means by it.
 */
export class BoundedPattern {
  private static readonly remembered = new Map<string, BoundedPattern | null>();

  private constructor(private readonly atoms: readonly Atom[]) {}

  /** Null when it is not such a pattern. */
  static parse(source: string): BoundedPattern | null {
    const known = this.remembered.get(source);
    if (known !== undefined) return known;
    const atoms = source.length > LONGEST_PATTERN ? null : new PatternParser(source).parse();
    const pattern = atoms === null ? null : new BoundedPattern(atoms);
    if (this.remembered.size >= MOST_REMEMBERED) this.remembered.clear();
    this.remembered.set(source, pattern);
    return pattern;
  }

  matches(text: string): boolean {
    if (text.length > LONGEST_TEXT) return false;
    const points = Array.from(text, (character) => character.codePointAt(0) ?? 0);
    let reachable = new Uint8Array(points.length + 1);
    reachable[0] = 1;
    for (const atom of this.atoms) reachable = advance(reachable, points, atom);
    return reachable[points.length] === 1;
  }
}

/** The positions after an atom, from those before it. */
function advance(before: Uint8Array, points: readonly number[], { fits, min, max }: Atom): Uint8Array<ArrayBuffer> {
  const after = new Uint8Array(before.length);
  // counts[i]: how many of the positions below i are reachable.
  const counts = new Uint32Array(before.length + 1);
  before.forEach((reached, index) => (counts[index + 1] = (counts[index] ?? 0) + reached));
  let run = 0;
  for (let at = 0; at < before.length; at++) {
    if (at > 0) run = fits(points[at - 1] ?? -1) ? run + 1 : 0;
    const first = at - Math.min(max, run);
    const last = at - min;
    if (last >= first && (counts[last + 1] ?? 0) > (counts[first] ?? 0)) after[at] = 1;
  }
  return after;
}

class PatternParser {
  private readonly characters: readonly string[];
  private at = 0;

  constructor(source: string) {
    this.characters = Array.from(source);
  }

  parse(): Atom[] | null {
    const end = this.characters.length - 1;
    if (end < 1 || this.characters[0] !== '^' || this.characters[end] !== '$') return null;
    this.at = 1;
    const atoms: Atom[] = [];
    while (this.at < end) {
      const fits = this.readClass();
      const repeats = fits === null ? null : this.readRepeats();
      if (fits === null || repeats === null || atoms.length === MOST_ATOMS || this.at > end) return null;
      atoms.push({ fits, ...repeats });
    }
    return atoms;
  }

  private readClass(): Atom['fits'] | null {
    const character = this.next();
    if (character === '[') return this.readSet();
    if (character === '.') return inside(NOT_A_LINE_END);
    if (character === '\\') return toClass(escaped(this.next()));
    return META.test(character) ? null : toClass([pointRange(character)]);
  }

  /** After `[`. */
  private readSet(): Atom['fits'] | null {
    const negated = this.peek() === '^';
    if (negated) this.at += 1;
    const ranges: Range[] = [];
    for (let character = this.next(); character !== ']'; character = this.next()) {
      const low = character === '\\' ? escaped(this.next()) : isSetLiteral(character) ? [pointRange(character)] : null;
      if (low === null) return null;
      ranges.push(...low);
      if (this.peek() !== '-' || this.characters[this.at + 1] === ']') continue;
      const range = this.readRange(low);
      if (range === null) return null;
      ranges.push(range);
    }
    const within = inside(ranges);
    if (ranges.length === 0) return null;
    return negated ? (point) => point >= 0 && !within(point) : within;
  }

  /** At the `-` of `a-z`. */
  private readRange(low: readonly Range[]): Range | null {
    this.at += 1;
    const character = this.next();
    const high = isSetLiteral(character) && character !== '-' ? pointRange(character) : null;
    const [first] = low;
    if (high === null || first === undefined || low.length > 1 || first[0] !== first[1] || high[0] < first[0])
      return null;
    return [first[0], high[0]];
  }

  private readRepeats(): { min: number; max: number } | null {
    switch (this.peek()) {
      case '?':
        return this.step({ min: 0, max: 1 });
      case '*':
        return this.step({ min: 0, max: Infinity });
      case '+':
        return this.step({ min: 1, max: Infinity });
      case '{':
        return this.readCounts();
      default:
        return { min: 1, max: 1 };
    }
  }

  private readCounts(): { min: number; max: number } | null {
    const close = this.characters.indexOf('}', this.at);
    const found = /^(\d{1,6})(?:(,)(\d{1,6})?)?$/.exec(this.characters.slice(this.at + 1, close).join(''));
    if (close === -1 || found === null) return null;
    this.at = close + 1;
    const min = Number(found[1]);
    const max = found[3] === undefined ? (found[2] === undefined ? min : Infinity) : Number(found[3]);
    return min > max || min > MOST_REPEATS ? null : { min, max };
  }

  private step<T>(value: T): T | null {
    this.at += 1;
    return this.peek() === '?' ? null : value;
  }

  private readonly peek = (): string => this.characters[this.at] ?? '';

  /** Past the end it is a `]` or a metacharacter, which ends every loop. */
  private next(): string {
    const character = this.characters[this.at] ?? ']';
    this.at += 1;
    return character;
  }
}

const isSetLiteral = (character: string): boolean =>
  character !== '[' && character !== ']' && character !== '\\' && character !== '^';

function pointRange(character: string): Range {
  const point = character.codePointAt(0) ?? 0;
  return [point, point];
}

function escaped(character: string): readonly Range[] | null {
  return CLASSES[character] ?? (ESCAPABLE.test(character) ? [pointRange(character)] : null);
}

const toClass = (ranges: readonly Range[] | null): Atom['fits'] | null => (ranges === null ? null : inside(ranges));

const inside =
  (ranges: readonly Range[]): Atom['fits'] =>
  (point) =>
    ranges.some(([from, to]) => point >= from && point <= to);
