/** A piece of what somebody types: numbered from 1 by who types it. */
export interface TypedPiece {
  readonly writer: string;
  readonly number: number;
}

/** Pages that typed last; one that was forgotten has nothing on its way any more. */
const MOST_WRITERS = 256;

/** How far each writer has come: what is sent again after a cut is known by its number. */
export class TypedOnce {
  readonly #reached = new Map<string, number>();

  isNew({ writer, number }: TypedPiece): boolean {
    if (number <= (this.#reached.get(writer) ?? 0)) return false;
    this.#reached.delete(writer);
    this.#reached.set(writer, number);
    const [oldest] = this.#reached.keys();
    if (oldest !== undefined && this.#reached.size > MOST_WRITERS) this.#reached.delete(oldest);
    return true;
  }
}
