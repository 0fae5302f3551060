/** A place in a roster, for whoever took it to give back. */
export interface Seat<T> {
  readonly member: T;
  /** Its number; −1 once it was given back. */
  place: number;
}

/**
 * Who is here now, in no order, where thousands come and go each second. Not a Set: the tables that a Set outgrows keep what
 * was in them, and once one of them is old, all that came after it grows old with it instead of being collected young.
 */
export class Roster<T> implements Iterable<T> {
  readonly #seats: Seat<T>[] = [];

  get size(): number {
    return this.#seats.length;
  }

  enter(member: T): Seat<T> {
    const seat = { member, place: this.#seats.length };
    this.#seats.push(seat);
    return seat;
  }

  /** May be told twice. */
  leave(seat: Seat<T>): void {
    if (this.#seats[seat.place] !== seat) return;
    const last = this.#seats.pop();
    if (last !== undefined && last !== seat) {
      this.#seats[seat.place] = last;
      last.place = seat.place;
    }
    seat.place = -1;
  }

  /** Those who are here when it begins: they may leave meanwhile. */
  [Symbol.iterator](): Iterator<T> {
    return this.#seats.map(({ member }) => member)[Symbol.iterator]();
  }
}
