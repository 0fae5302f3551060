import type { Approver } from './approver.ts';
import type { Answered } from './agent.ts';
import { eventually, nowMs, pause } from './drill-clock.ts';
import type { HeldOperation } from './journal.ts';
import { isAgain, pauseBefore, type Load } from './load.ts';
import { requestOf, type AgentRequest } from './operation.ts';

const ASKED_WITHIN_MS = 30_000;
const OVER_WITHIN_MS = 60_000;

/** A person approved it before the kill: it is repeated while enforcement is away, and must find nobody who lets it pass. */
const REPEATED_AT_ONCE: HeldOperation['stood'] = 'approved';

interface Waiting {
  readonly stood: HeldOperation['stood'];
  readonly request: AgentRequest;
  /** Of the request that is open at the kill. */
  readonly first: Promise<Answered>;
}

/**
 * Three asked operations over one kill: one whose request is being held, one that waits for a person after its 428, and one
 * that a person has approved and the agent not yet repeated.
 */
export class HeldOperations {
  readonly #load: Load;
  readonly #approver: Approver;
  readonly #waiting: Waiting[] = [];
  readonly #repeating = new Map<Waiting, Promise<HeldOperation>>();

  constructor(load: Load, approver: Approver) {
    this.#load = load;
    this.#approver = approver;
  }

  /** Resolves when each stands where it should; what is held is held for a second or more from then. */
  async prepare(): Promise<void> {
    const pending = this.#ask('pending');
    const approved = this.#ask('approved');
    await Promise.all([pending.first, approved.first]);
    this.#approver.release(approved.request.marker);
    await this.#eventually(approved, () => this.#approver.hasApproved(approved.request.marker));
    const held = this.#ask('held');
    await this.#eventually(held, () => this.#approver.hasBeenAskedAbout(held.request.marker));
  }

  /** The process is gone: the agent repeats what it may, without waiting for anybody. */
  goOn(): void {
    for (const waiting of this.#waiting)
      if (waiting.stood === REPEATED_AT_ONCE) this.#repeating.set(waiting, this.#repeat(waiting));
  }

  /** A person says yes to all, the agent repeats each until there is a last word. */
  async finish(): Promise<readonly HeldOperation[]> {
    for (const { request } of this.#waiting) this.#approver.release(request.marker);
    return await Promise.all(this.#waiting.map((waiting) => this.#repeating.get(waiting) ?? this.#repeat(waiting)));
  }

  async #repeat({ stood, request, first }: Waiting): Promise<HeldOperation> {
    const until = nowMs() + OVER_WITHIN_MS;
    let last = await first;
    for (let repeats = 0; isAgain(last) && nowMs() < until; repeats++) {
      // The first one comes right after the kill.
      if (stood !== REPEATED_AT_ONCE || repeats > 0) await pause(pauseBefore(last, repeats));
      last = await this.#load.send('asked', request);
    }
    return { marker: request.marker, stood, code: last.code };
  }

  #ask(stood: HeldOperation['stood']): Waiting {
    const request = requestOf('asked', this.#load.nextName(stood));
    this.#approver.withhold(request.marker);
    const waiting = { stood, request, first: this.#load.send('asked', request) };
    this.#waiting.push(waiting);
    return waiting;
  }

  async #eventually({ request, stood }: Waiting, holds: () => boolean): Promise<void> {
    await eventually(`${request.marker} is ${stood}`, () => (holds() ? true : undefined), ASKED_WITHIN_MS);
  }
}
