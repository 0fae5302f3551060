import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { EventLog } from './event-log.js';
import { HostileStorage, seededRandom } from './hostile-storage.fixture.js';
import { jsonCodec } from './stream-codec.js';
import { StreamCursor } from './stream-cursor.js';

const RUNS = 3_000;
const GAP = 'gap';

type Item = number | typeof GAP;
type Log = EventLog<number, number[]>;

const COMMANDS = [
  'append',
  'append',
  'append',
  'append',
  'attach',
  'cut',
  'step',
  'step',
  'step',
  'compact',
  'compact',
  'install',
  'trim',
  'epoch',
  'other-process',
  'restart',
  'forget',
  'faults',
] as const;
const LOSING: readonly (typeof COMMANDS)[number][] = ['trim', 'epoch', 'forget'];
const commandsOf = (names: readonly (typeof COMMANDS)[number][]) =>
  fc.array(fc.record({ name: fc.constantFrom(...names), pick: fc.nat({ max: 100 }) }), { maxLength: 60, size: 'max' });
/** Half of the histories lose nothing: there every view must be whole. */
const history = fc.oneof(commandsOf(COMMANDS), commandsOf(COMMANDS.filter((name) => !LOSING.includes(name))));

const fold = (view: number[] | null, events: readonly number[]): number[] => [...(view ?? []), ...events];

/** Turns of the event loop's own queue, enough for whatever goes on to go on a bit. */
const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
};

/** A page that shows a stream over a connection that breaks. */
class Viewer {
  readonly cursor = new StreamCursor<number, number[]>();
  view: Item[] = [];
  gaps = 0;
  live = false;
  #end: AbortController | null = null;
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Follows until it is cut, something is lost on the way, or `until` holds. */
  async follow(log: Log, until: () => boolean = () => false, lossy = true): Promise<void> {
    this.cut();
    const end = new AbortController();
    this.#end = end;
    this.live = false;
    try {
      for await (const delivery of log.attach('s', this.cursor.position, end.signal)) {
        if (end.signal.aborted || this.#end !== end) return;
        const disturbed = lossy && delivery.type === 'events';
        const doubled = disturbed && this.#random() < 0.1;
        if (disturbed && this.#random() < 0.05) continue;
        for (const given of doubled ? [delivery, delivery] : [delivery]) {
          if (!this.#show(given)) return;
        }
        if (until()) return;
        await turns(Math.floor(this.#random() * 4));
      }
    } catch {
      // The storage did not answer: attached again later.
    } finally {
      end.abort();
    }
  }

  cut(): void {
    this.#end?.abort();
    this.#end = null;
  }

  #show(delivery: Parameters<StreamCursor<number, number[]>['accept']>[0]): boolean {
    const step = this.cursor.accept(delivery);
    switch (step.do) {
      case 'apply':
        this.view.push(...step.events.map(({ event }) => event));
        return true;
      case 'replace': {
        const told = this.view.at(-1) === GAP;
        this.view = [...(told ? [GAP] : []), ...step.snapshot] as Item[];
        return true;
      }
      case 'show-gap':
        this.gaps += 1;
        if (step.restart) this.view = [];
        this.view.push(GAP);
        return true;
      case 'nothing':
        this.live = true;
        return true;
      case 'reattach':
      case 'end':
        return false;
    }
  }
}

/** One stream, its history as the storage really has it, and what can befall it. */
class World {
  readonly random: () => number;
  readonly storage: HostileStorage;
  readonly viewers: Viewer[] = [];
  readonly pending: Promise<unknown>[] = [];
  /** What was appended and acknowledged, and whatever history loss took since. */
  readonly acknowledged = new Set<number>();
  lossy = false;
  log: Log;
  #next = 0;
  #epochs = 0;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.storage = new HostileStorage(this.random);
    this.storage.faults = this.random() < 0.7 ? 0.3 : 0;
    this.log = this.open();
  }

  open(): Log {
    return new EventLog({
      storage: this.storage,
      storageSignal: () => NEVER,
      codec: jsonCodec(z.number(), z.array(z.number())),
      newEpoch: () => `e${(this.#epochs += 1)}`,
      limits: { recentEvents: 5, pageEvents: 3, recentBytes: 60 },
      ...(this.random() < 0.3 ? { retention: { maxEvents: 12, maxBytes: 1e6, keepEvents: 3, fold } } : {}),
    });
  }

  append(log: Log, count: number): void {
    const events = Array.from({ length: count }, () => (this.#next += 1));
    this.start(log.append('s', events).then(() => events.forEach((event) => this.acknowledged.add(event))));
  }

  start(work: Promise<unknown>): void {
    this.pending.push(work.catch(() => undefined));
  }

  lineage(): number[] {
    return this.storage.lineage.map((entry) => Number(new TextDecoder().decode(entry)));
  }

  /** The stream as it is stored: the truth. */
  async truth(): Promise<number[]> {
    const page = await this.storage.inner.read('s', { after: -1, maxEntries: 1e6, maxBytes: 1e9 }, NEVER);
    const text = new TextDecoder();
    const base =
      page?.snapshot == null
        ? []
        : z.array(z.number()).parse(JSON.parse(text.decode(page.snapshot.subarray(2)) || '[]'));
    return [...base, ...(page?.entries ?? []).map((entry) => Number(text.decode(entry)))];
  }
}
const NEVER = new AbortController().signal;

async function play(world: World, { name, pick }: { name: (typeof COMMANDS)[number]; pick: number }): Promise<void> {
  const { log, viewers } = world;
  const viewer = viewers[pick % Math.max(1, viewers.length)];
  const place = async (): Promise<{ epoch: string; seq: number }> => {
    const { epoch, seq } = await log.position('s');
    return { epoch, seq: Math.max(0, seq - (pick % 5)) };
  };
  switch (name) {
    case 'append':
      return world.append(log, 1 + (pick % 4));
    case 'attach': {
      const fresh = new Viewer(world.random);
      if (viewers.length < 4) viewers.push(fresh);
      return world.start((viewers.includes(fresh) ? fresh : (viewer ?? fresh)).follow(log));
    }
    case 'cut':
      return viewer?.cut();
    case 'step':
      return turns(pick);
    case 'compact':
      return world.start(log.compact('s', fold, { keepEvents: pick % 4 }));
    case 'install': {
      const truth = await world.truth();
      const at = await log.position('s').catch(() => null);
      // A snapshot that somebody keeps beside the stream: right when nothing was dropped and nothing goes on.
      if (at === null || world.lossy || truth.length !== at.seq) return;
      return world.start(log.installSnapshot('s', at, truth));
    }
    case 'trim':
      world.lossy = true;
      return world.start(place().then((at) => log.trim('s', at)));
    case 'epoch':
      world.lossy = true;
      return world.start(log.beginEpoch('s', pick % 2 === 0 ? null : []));
    case 'other-process': {
      const other = world.open();
      world.append(other, 1 + (pick % 3));
      return world.start(log.refresh('s'));
    }
    case 'restart':
      for (const each of viewers) each.cut();
      world.start(log.close());
      world.log = world.open();
      return;
    case 'forget':
      for (const each of viewers) each.cut();
      return forget(world, pick % 4);
    case 'faults':
      world.storage.faults = (pick % 4) / 6;
  }
}

/** The storage loses entries that clients may have seen, under a log that knows it had more. */
async function forget(world: World, count: number): Promise<void> {
  const { faults } = world.storage;
  world.storage.faults = 0;
  await Promise.all(world.pending.splice(0));
  await world.log.refresh('s');
  world.lossy = true;
  await world.storage.forget('s', count);
  await world.log.refresh('s');
  world.storage.faults = faults;
}

async function settle(world: World): Promise<void> {
  world.storage.faults = 0;
  for (const viewer of world.viewers) viewer.cut();
  await Promise.all(world.pending);
  await world.log.append('s', [1_000_000]);
  world.acknowledged.add(1_000_000);
  for (const viewer of world.viewers) {
    viewer.live = false;
    for (let tries = 0; tries < 20 && !viewer.live; tries += 1) {
      await viewer.follow(world.log, () => viewer.live, false);
    }
  }
  await world.log.close();
}

/** Everything in order to the end, and every hole marked. */
function checkView(view: readonly Item[], lineage: readonly number[]): void {
  let next = 0;
  let told = false;
  for (const item of view) {
    if (item === GAP) {
      told = true;
      continue;
    }
    const index = lineage.indexOf(item, next);
    expect([item, told || index === next]).toEqual([lineage[index], true]);
    next = index + 1;
    told = false;
  }
  expect(next === lineage.length || told).toBe(true);
}

describe(`${RUNS.toLocaleString('en')} random streams over a hostile storage`, () => {
  it('are shown as they are, or with an explicit gap', async () => {
    const seen = { events: 0, gaps: 0, whole: 0, faults: 0, viewers: 0 };
    await fc.assert(
      fc.asyncProperty(history, fc.nat(), async (commands, seed) => {
        const world = new World(seed);
        for (const each of commands) {
          await play(world, each);
          await turns(Math.floor(world.random() * 8));
        }
        await settle(world);
        const truth = await world.truth();
        expect(new Set(truth).size).toBe(truth.length);
        if (!world.lossy) for (const event of world.acknowledged) expect(truth).toContain(event);
        for (const { view, gaps, live } of world.viewers) {
          expect(live).toBe(true);
          checkView(view, world.lineage());
          if (!world.lossy) expect([gaps, view]).toEqual([0, truth]);
          seen.viewers += 1;
          seen.gaps += gaps;
          seen.whole += gaps === 0 ? 1 : 0;
          seen.events += view.length;
        }
        seen.faults += world.storage.injected;
      }),
      { numRuns: RUNS },
    );
    // A test of nothing would pass as well.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(RUNS / 4);
  }, 600_000);
});
