import type { Agent, Answered } from './agent.ts';
import { nowMs, pause } from './drill-clock.ts';
import type { Attempt } from './journal.ts';
import { kindOf, requestOf, type AgentRequest, type Kind } from './operation.ts';

export interface LoadInput {
  readonly agent: Agent;
  /** Requests a second, new ones and repeated ones together. */
  readonly rate: number;
  readonly random: () => number;
}

/** An operation that is asked for, and asked for again. */
interface Operation {
  readonly kind: Kind;
  readonly name: string;
  readonly giveUpAt: number;
  repeats: number;
  /** Not before. */
  dueAt: number;
}

/** An agent has so many requests open at one time; what comes beyond waits. */
const MOST_OPEN = 200;
const TICK_MS = 5;
/** After an answer without Retry-After, or none: doubled each time up to the second. */
const AGAIN_MS = 250;
const LONGEST_AGAIN_MS = 2_000;
/** An operation that was not answered by then is given up. */
const GIVE_UP_MS = 60_000;
const AGAIN: readonly number[] = [428, 429, 502, 503, 504];

/** Requests of all kinds at a steady rate, whatever becomes of them; what is refused for now is repeated as it says. */
export class Load {
  readonly #input: LoadInput;
  readonly attempts: Attempt[] = [];
  /** Allowed operations that never got a good answer. */
  readonly unanswered: string[] = [];
  readonly #again: Operation[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  #open = 0;
  #count = 0;
  #ending = false;

  constructor(input: LoadInput) {
    this.#input = input;
  }

  /** Until it was told to end and every operation has its last word. */
  async run(): Promise<void> {
    const startedAt = nowMs();
    for (let slots = 0; !this.#isOver();) {
      const due = Math.floor(((nowMs() - startedAt) / 1_000) * this.#input.rate);
      for (; slots < due; slots++) this.#useSlot();
      await pause(TICK_MS);
    }
  }

  /** No new operations from now on. */
  end(): void {
    this.#ending = true;
  }

  /** A name that no other operation has. */
  nextName(kind: string): string {
    this.#count += 1;
    return `${kind}-${this.#count}`;
  }

  /** One request, noted in the journal. */
  async send(kind: Kind, request: AgentRequest): Promise<Answered> {
    if (this.#open >= MOST_OPEN) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#open += 1;
    const startedAt = nowMs();
    try {
      const answered = await this.#input.agent.send(request);
      const { status, code } = answered;
      this.attempts.push({ kind, marker: request.marker, startedAt, endedAt: nowMs(), status, code });
      return answered;
    } finally {
      this.#open -= 1;
      this.#waiting.shift()?.();
    }
  }

  #isOver(): boolean {
    return this.#ending && this.#running.size === 0 && this.#again.length === 0;
  }

  #useSlot(): void {
    const now = nowMs();
    const operation = this.#takeDue(now) ?? (this.#ending ? undefined : this.#newOperation(now));
    if (operation === undefined) return;
    const work = this.#perform(operation);
    this.#running.add(work);
    void work.finally(() => this.#running.delete(work));
  }

  #takeDue(now: number): Operation | undefined {
    const at = this.#again.findIndex(({ dueAt }) => dueAt <= now);
    return at === -1 ? undefined : this.#again.splice(at, 1)[0];
  }

  #newOperation(now: number): Operation {
    const kind = kindOf(this.#input.random());
    return { kind, name: this.nextName(kind), giveUpAt: now + GIVE_UP_MS, repeats: 0, dueAt: now };
  }

  async #perform(operation: Operation): Promise<void> {
    const { kind, name, repeats, giveUpAt } = operation;
    const answered = await this.send(kind, this.#requestOf(operation));
    if (answered.code === 'OK') return;
    if (isAgain(answered) && nowMs() < giveUpAt) {
      operation.dueAt = nowMs() + pauseBefore(answered, repeats);
      operation.repeats += 1;
      this.#again.push(operation);
    } else if (kind === 'read' || kind === 'stream') this.unanswered.push(`${name}: ${answered.code}`);
  }

  /** A read that is repeated says so, to be told apart; what a person is asked about stays what it was. */
  #requestOf({ kind, name, repeats }: Operation): AgentRequest {
    const marker = kind === 'asked' || repeats === 0 ? name : this.nextName(kind);
    return requestOf(kind, marker);
  }
}

/** Whether a plain agent would ask again. */
export const isAgain = ({ status, code }: Answered): boolean =>
  status === null || code === 'stream not whole' || AGAIN.includes(status);

export const pauseBefore = ({ retryAfterMs }: Answered, repeats: number): number =>
  retryAfterMs ?? Math.min(AGAIN_MS * 2 ** repeats, LONGEST_AGAIN_MS);
