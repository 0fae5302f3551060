import type { StreamStorage } from './stream-storage.port.js';

/** Something every storage must do. `run` rejects when this one does not. */
export interface ConformanceCase {
  readonly name: string;
  run(storage: StreamStorage): Promise<void>;
}

const signal = new AbortController().signal;
const START = { seq: 0, snapshot: null } as const;
const ALL = { after: -1, maxEntries: 1_000, maxBytes: 1_000_000 } as const;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const texts = (entries: readonly Uint8Array[] | undefined): string[] =>
  (entries ?? []).map((entry) => new TextDecoder().decode(entry));

function expectSame(actual: unknown, expected: unknown, what: string): void {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== should) throw new Error(`${what}: is ${is}, should be ${should}`);
}

/** A stream of its own for each case: the storage may be shared. */
let streams = 0;
async function stream(storage: StreamStorage, entries: readonly string[] = []): Promise<string> {
  streams += 1;
  const name = `conformance/${Date.now().toString(36)}-${streams}`;
  expectSame(await storage.rebase(name, null, { epoch: 'e1', base: START }, signal), true, 'the stream is made');
  if (entries.length > 0) {
    const appended = await storage.append(name, { epoch: 'e1', seq: 0 }, entries.map(bytes), signal);
    expectSame(appended, true, 'the entries are appended');
  }
  return name;
}

const head = async (storage: StreamStorage, name: string) =>
  (await storage.read(name, { after: Number.MAX_SAFE_INTEGER, maxEntries: 0, maxBytes: 0 }, signal))?.head;

const appending: readonly ConformanceCase[] = [
  {
    name: 'knows no stream that was not made',
    async run(storage) {
      expectSame(await storage.read('conformance/none', ALL, signal), null, 'read');
      expectSame(
        await storage.append('conformance/none', { epoch: 'e', seq: 0 }, [bytes('a')], signal),
        false,
        'append',
      );
      const from = { epoch: 'e', baseSeq: 0 };
      expectSame(await storage.rebase('conformance/none', from, null, signal), false, 'remove');
    },
  },
  {
    name: 'makes a stream once',
    async run(storage) {
      const name = await stream(storage);
      expectSame(await storage.rebase(name, null, { epoch: 'e2', base: START }, signal), false, 'made again');
      expectSame(await head(storage, name), { epoch: 'e1', baseSeq: 0, lastSeq: 0 }, 'head');
    },
  },
  {
    name: 'numbers entries in order',
    async run(storage) {
      const name = await stream(storage, ['a', 'b']);
      expectSame(await storage.append(name, { epoch: 'e1', seq: 2 }, [bytes('c')], signal), true, 'append');
      const page = await storage.read(name, { ...ALL, after: 1 }, signal);
      expectSame(page?.head, { epoch: 'e1', baseSeq: 0, lastSeq: 3 }, 'head');
      expectSame(texts(page?.entries), ['b', 'c'], 'entries');
    },
  },
  {
    name: 'appends at the end of the present epoch and nowhere else',
    async run(storage) {
      const name = await stream(storage, ['a', 'b']);
      for (const at of [
        { epoch: 'e1', seq: 1 },
        { epoch: 'e1', seq: 3 },
        { epoch: 'e2', seq: 2 },
      ]) {
        expectSame(await storage.append(name, at, [bytes('x')], signal), false, `append at ${at.epoch} ${at.seq}`);
      }
      expectSame(texts((await storage.read(name, ALL, signal))?.entries), ['a', 'b'], 'entries');
    },
  },
  {
    name: 'lets one of many writers append at a place',
    async run(storage) {
      const name = await stream(storage);
      const at = { epoch: 'e1', seq: 0 };
      const writers = Array.from({ length: 8 }, (_, writer) =>
        storage.append(name, at, [bytes(`${writer}`), bytes(`${writer}`)], signal),
      );
      const won = (await Promise.all(writers)).flatMap((ok, writer) => (ok ? [`${writer}`] : []));
      expectSame(won.length, 1, 'writers that appended');
      expectSame(texts((await storage.read(name, ALL, signal))?.entries), [won[0], won[0]], 'entries');
    },
  },
  {
    name: 'keeps bytes as they are, and no bytes at all',
    async run(storage) {
      const name = await stream(storage);
      const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      await storage.append(name, { epoch: 'e1', seq: 0 }, [every, new Uint8Array(), every.subarray(10, 20)], signal);
      const page = await storage.read(name, ALL, signal);
      expectSame(
        page?.entries.map((entry) => [...entry]),
        [[...every], [], [...every.subarray(10, 20)]],
        'entries',
      );
    },
  },
];

const reading: readonly ConformanceCase[] = [
  {
    name: 'reads within a page, and the first entry whatever its size',
    async run(storage) {
      const name = await stream(storage, ['aaaa', 'bb', 'cc', 'd']);
      const read = async (range: { after: number; maxEntries: number; maxBytes: number }) =>
        texts((await storage.read(name, range, signal))?.entries);
      expectSame(await read({ after: 0, maxEntries: 2, maxBytes: 100 }), ['aaaa', 'bb'], 'two entries');
      expectSame(await read({ after: 0, maxEntries: 9, maxBytes: 1 }), ['aaaa'], 'a first that is too large');
      expectSame(await read({ after: 1, maxEntries: 9, maxBytes: 4 }), ['bb', 'cc'], 'four bytes');
      expectSame(await read({ after: 4, maxEntries: 9, maxBytes: 100 }), [], 'after the end');
      expectSame(await read({ after: 99, maxEntries: 9, maxBytes: 100 }), [], 'far after the end');
      expectSame(await read({ after: 0, maxEntries: 0, maxBytes: 100 }), [], 'the head alone');
    },
  },
  {
    name: 'gives the snapshot to who needs it',
    async run(storage) {
      const name = await stream(storage, ['a', 'b', 'c']);
      const base = { seq: 2, snapshot: bytes('ab') };
      expectSame(
        await storage.rebase(name, { epoch: 'e1', baseSeq: 0 }, { epoch: 'e1', base }, signal),
        true,
        'rebase',
      );
      for (const after of [-1, 0, 1]) {
        const page = await storage.read(name, { ...ALL, after }, signal);
        expectSame(texts([page?.snapshot ?? bytes('none')]), ['ab'], `snapshot after ${after}`);
        expectSame(texts(page?.entries), ['c'], `entries after ${after}`);
      }
      const page = await storage.read(name, { ...ALL, after: 2 }, signal);
      expectSame([page?.snapshot, texts(page?.entries)], [null, ['c']], 'after the base');
    },
  },
  {
    name: 'keeps streams apart',
    async run(storage) {
      const [one, other] = [await stream(storage, ['a']), await stream(storage, ['b', 'c'])];
      await storage.rebase(one, { epoch: 'e1', baseSeq: 0 }, null, signal);
      expectSame(texts((await storage.read(other, ALL, signal))?.entries), ['b', 'c'], 'the other stream');
    },
  },
  {
    name: 'does nothing for who has given up',
    async run(storage) {
      const name = await stream(storage, ['a']);
      const gone = AbortSignal.abort();
      const calls = [
        () => storage.read(name, ALL, gone),
        () => storage.append(name, { epoch: 'e1', seq: 1 }, [bytes('b')], gone),
        () => storage.rebase(name, { epoch: 'e1', baseSeq: 0 }, null, gone),
      ];
      for (const call of calls) {
        const outcome = await call().then(
          () => 'done',
          () => 'rejected',
        );
        expectSame(outcome, 'rejected', 'a call with an aborted signal');
      }
      expectSame(await head(storage, name), { epoch: 'e1', baseSeq: 0, lastSeq: 1 }, 'head');
    },
  },
];

const rebasing: readonly ConformanceCase[] = [
  {
    name: 'moves the base within what is kept, from where it is',
    async run(storage) {
      const name = await stream(storage, ['a', 'b', 'c']);
      const move = (from: { epoch: string; baseSeq: number }, seq: number) =>
        storage.rebase(name, from, { epoch: from.epoch, base: { seq, snapshot: null } }, signal);
      expectSame(await move({ epoch: 'e1', baseSeq: 0 }, 4), false, 'beyond the end');
      expectSame(await move({ epoch: 'e1', baseSeq: 1 }, 2), false, 'from elsewhere');
      expectSame(await move({ epoch: 'e0', baseSeq: 0 }, 2), false, 'from another epoch');
      expectSame(await move({ epoch: 'e1', baseSeq: 0 }, 2), true, 'forward');
      expectSame(await move({ epoch: 'e1', baseSeq: 2 }, 1), false, 'back');
      const page = await storage.read(name, ALL, signal);
      expectSame([page?.head, page?.snapshot], [{ epoch: 'e1', baseSeq: 2, lastSeq: 3 }, null], 'head');
      expectSame(texts(page?.entries), ['c'], 'entries');
      expectSame(await storage.append(name, { epoch: 'e1', seq: 3 }, [bytes('d')], signal), true, 'append');
    },
  },
  {
    name: 'begins an epoch with what is there',
    async run(storage) {
      const name = await stream(storage, ['a', 'b']);
      await storage.rebase(
        name,
        { epoch: 'e1', baseSeq: 0 },
        { epoch: 'e1', base: { seq: 1, snapshot: bytes('a') } },
        signal,
      );
      const kept = await storage.rebase(name, { epoch: 'e1', baseSeq: 1 }, { epoch: 'e2', base: 'kept' }, signal);
      const page = await storage.read(name, ALL, signal);
      expectSame([kept, page?.head], [true, { epoch: 'e2', baseSeq: 1, lastSeq: 2 }], 'head');
      expectSame([texts([page?.snapshot ?? bytes('none')]), texts(page?.entries)], [['a'], ['b']], 'contents');
      expectSame(await storage.append(name, { epoch: 'e1', seq: 2 }, [bytes('x')], signal), false, 'the old epoch');
    },
  },
  {
    name: 'begins an epoch with a snapshot at its end',
    async run(storage) {
      const name = await stream(storage, ['a', 'b']);
      const base = { seq: 2, snapshot: bytes('new') };
      await storage.rebase(name, { epoch: 'e1', baseSeq: 0 }, { epoch: 'e2', base }, signal);
      const page = await storage.read(name, { ...ALL, after: 1 }, signal);
      expectSame(page?.head, { epoch: 'e2', baseSeq: 2, lastSeq: 2 }, 'head');
      expectSame([texts([page?.snapshot ?? bytes('none')]), texts(page?.entries)], [['new'], []], 'contents');
    },
  },
  {
    name: 'lets one of many move the base',
    async run(storage) {
      const name = await stream(storage, ['a', 'b', 'c', 'd']);
      const moves = [1, 2, 3, 4].map((seq) =>
        storage.rebase(name, { epoch: 'e1', baseSeq: 0 }, { epoch: 'e1', base: { seq, snapshot: null } }, signal),
      );
      expectSame((await Promise.all(moves)).filter(Boolean).length, 1, 'moves that happened');
    },
  },
  {
    name: 'removes a stream with everything, and makes it anew',
    async run(storage) {
      const name = await stream(storage, ['a']);
      expectSame(await storage.rebase(name, { epoch: 'e1', baseSeq: 0 }, null, signal), true, 'removed');
      expectSame(await storage.read(name, ALL, signal), null, 'read');
      expectSame(await storage.rebase(name, null, { epoch: 'e2', base: START }, signal), true, 'made anew');
      expectSame(await head(storage, name), { epoch: 'e2', baseSeq: 0, lastSeq: 0 }, 'head');
    },
  },
];

/** What a StreamStorage promises, each case on streams of its own: `for (const { name, run } of …) it(name, () => run(storage))`. */
export const conformanceCases: readonly ConformanceCase[] = [...appending, ...reading, ...rebasing];
