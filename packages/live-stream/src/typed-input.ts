/** What was typed, in pieces with a number each: a piece that comes twice counts once. */
export interface TypedPiece {
  readonly number: number;
  readonly data: string;
}

export interface TypedInputLimits {
  /** UTF-16 units of one piece. */
  readonly piece: number;
  /** Pieces on their way. */
  readonly window: number;
  /** UTF-16 units that wait; what is typed beyond is refused. */
  readonly waiting: number;
}

const LIMITS: TypedInputLimits = { piece: 16_384, window: 32, waiting: 1 << 20 };

/**
 * What somebody types into a terminal, each piece exactly once over cuts: it is kept until the service says that it has it,
 * and sent again after a new attachment. What is typed meanwhile waits, joined.
 */
export class TypedInput {
  #sent: TypedPiece[] = [];
  #waiting = '';
  #last = 0;
  #attached = false;

  constructor(
    private readonly send: (piece: TypedPiece) => void,
    private readonly limits: TypedInputLimits = LIMITS,
  ) {}

  /** Nothing is on its way and nothing waits. */
  get isEmpty(): boolean {
    return this.#sent.length === 0 && this.#waiting === '';
  }

  /** False: too much waits already, and nothing of it is taken. */
  type(data: string): boolean {
    if (this.#waiting.length + data.length > this.limits.waiting) return false;
    this.#waiting += data;
    this.#flush();
    return true;
  }

  /** What is not known to have arrived goes again, in order; then the rest. */
  attached(): void {
    this.#attached = true;
    for (const piece of this.#sent) this.send(piece);
    this.#flush();
  }

  detached(): void {
    this.#attached = false;
  }

  /** The service has this one and all before it. */
  accepted(number: number): void {
    this.#sent = this.#sent.filter((piece) => piece.number > number);
    this.#flush();
  }

  #flush(): void {
    while (this.#attached && this.#waiting !== '' && this.#sent.length < this.limits.window) {
      const end = endOfPiece(this.#waiting, this.limits.piece);
      const piece = { number: (this.#last += 1), data: this.#waiting.slice(0, end) };
      this.#waiting = this.#waiting.slice(end);
      this.#sent.push(piece);
      this.send(piece);
    }
  }
}

/** Not between the two halves of a character. */
function endOfPiece(text: string, longest: number): number {
  if (text.length <= longest) return text.length;
  const unit = text.charCodeAt(longest - 1);
  return unit >= 0xd800 && unit <= 0xdbff ? longest - 1 : longest;
}
