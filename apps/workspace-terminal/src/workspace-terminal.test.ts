import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Delivery, type StreamPosition } from '@aileron/event-log';
import { createLogger } from '@aileron/telemetry';
import { WorkspaceTerminalConfig } from './config.js';
import { decodeTerminalEvent } from './terminal-event.js';
import { TerminalScreen } from './terminal-screen.js';
import { TerminalsService } from './terminals.service.js';

jest.setTimeout(240_000);

const PATIENCE_MS = 120_000;
const SIZE = { columns: 80, rows: 24 };
let terminals: TerminalsService;
beforeEach(() => {
  const config = WorkspaceTerminalConfig.parse({
    workspaceId: 'wsp_1',
    command: ['/bin/bash', '--norc', '--noprofile'],
    workingDirectory: tmpdir(),
    environment: { PATH: '/usr/bin:/bin', PS1: '$ ' },
    maxTerminals: 2,
  });
  terminals = new TerminalsService(config, createLogger({ service: 'test', level: 'silent' }));
});
afterEach(() => terminals.onModuleDestroy());

const open = () =>
  terminals.open({ terminalId: `trm_${randomUUID().slice(0, 8)}`, title: 'shell', ...SIZE }).terminalId;
const type = (id: string, text: string) => terminals.find(id).write(Buffer.from(text));

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
/** In buffers beyond `before`. Garbage counts only up to `most`: collecting it takes longer than what is watched. */
const heldBytes = (before: number, most: number): number => {
  const held = (): number => process.memoryUsage().external - before;
  if (held() > most) collectGarbage();
  return held();
};

/** Somebody who looks at a terminal: what he has seen, as bytes and as a screen. */
class Viewer {
  readonly #pieces: Uint8Array[] = [];
  /** The end of the output as text, to look for something in it. */
  #end = '';
  place: StreamPosition | null = null;
  screens = 0;
  gaps = 0;
  exitCode: number | null = null;
  screen = new TerminalScreen({ ...SIZE, scrollback: 5_000 });
  #stop = new AbortController();

  async look(id: string, until: (viewer: Viewer) => boolean): Promise<void> {
    this.#stop = new AbortController();
    const timer = setTimeout(() => this.#stop.abort(), PATIENCE_MS);
    for await (const delivery of terminals.attach(id, this.place, this.#stop.signal)) {
      this.#take(delivery);
      if (until(this)) break;
    }
    clearTimeout(timer);
    if (!until(this)) throw new Error(`it was not seen; so far: ${this.#end.slice(-500)}`);
  }

  shown = (text: string) => this.#end.includes(text);

  get output(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  get bytes(): number {
    return this.#pieces.reduce((total, { length }) => total + length, 0);
  }

  #take(delivery: Delivery<Uint8Array, Uint8Array>): void {
    this.#end = this.#end.slice(-200);
    if (delivery.type === 'gap') this.gaps += 1;
    if (delivery.type === 'snapshot') {
      this.screens += 1;
      this.place = delivery.at;
      this.screen = new TerminalScreen({ ...SIZE, scrollback: 5_000 });
      this.screen.write(Buffer.from(delivery.snapshot.subarray(4)));
      this.#end += Buffer.from(delivery.snapshot.subarray(-2_000)).toString('latin1');
    }
    if (delivery.type !== 'events') return;
    for (const { seq, event } of delivery.events) {
      const happened = decodeTerminalEvent(event);
      if (happened.kind === 'resize') this.screen.resize(happened);
      if (happened.kind === 'output') {
        this.screen.write(Buffer.from(happened.data));
        this.#pieces.push(happened.data);
        this.#end += Buffer.from(happened.data).toString('latin1');
      }
      if (happened.kind === 'exit') this.exitCode = happened.code;
      this.place = { epoch: delivery.epoch, seq };
    }
  }
}

const drawing = async (viewer: Viewer): Promise<string> => {
  await viewer.screen.drawn();
  return Buffer.from(viewer.screen.encode()).toString('latin1');
};

describe('a terminal', () => {
  it('runs a shell that is seen and typed to', async () => {
    const id = open();
    const viewer = new Viewer();
    type(id, 'echo "sum $((6 * 7))"\n');
    await viewer.look(id, ({ shown }) => shown('sum 42'));
    expect(terminals.list()).toMatchObject([{ terminalId: id, title: 'shell', exitCode: null, ...SIZE }]);
  });

  it('knows its size, and tells of another', async () => {
    const id = open();
    const viewer = new Viewer();
    terminals.find(id).resize({ columns: 132, rows: 43 });
    type(id, 'stty size\n');
    await viewer.look(id, ({ shown }) => shown('43 132'));
  });

  it('goes on while nobody looks, and then shows exactly the rest', async () => {
    const id = open();
    const viewer = new Viewer();
    type(id, 'echo first\n');
    await viewer.look(id, ({ shown }) => shown('first\r\n'));
    type(id, 'for i in $(seq 2000); do echo "line $i"; done; echo the-end-$((1+1))\n');
    const other = new Viewer();
    await other.look(id, ({ shown }) => shown('the-end-2'));
    await viewer.look(id, ({ shown }) => shown('the-end-2'));
    const lines = (text: Buffer) =>
      [...text.toString().matchAll(/^line (\d+)\r$/gm)].map(([, number]) => Number(number));
    expect(lines(viewer.output)).toEqual(Array.from({ length: 2_000 }, (_, index) => index + 1));
  });

  it('loses and repeats nothing when its viewer is cut off 200 times under load', async () => {
    const id = open();
    const viewer = new Viewer();
    type(id, 'for i in $(seq 20000); do echo "n$i"; done; echo all-$((2+3))\n');
    for (let cut = 1; cut <= 200 && !viewer.shown('all-5'); cut += 1) {
      const enough = viewer.bytes + 500;
      await viewer.look(id, ({ bytes, shown }) => bytes >= enough || shown('all-5'));
    }
    if (!viewer.shown('all-5')) await viewer.look(id, ({ shown }) => shown('all-5'));
    const numbers = [...viewer.output.toString().matchAll(/^n(\d+)\r$/gm)].map(([, number]) => Number(number));
    expect([viewer.gaps, viewer.screens]).toEqual([0, 0]);
    expect(numbers).toEqual(Array.from({ length: 20_000 }, (_, index) => index + 1));
  });

  it('shows a newcomer the same screen as somebody who saw it all', async () => {
    const id = open();
    const old = new Viewer();
    type(
      id,
      'yes "a rather long line to fill the screen with" | head -c 1500000; printf "\\e[31mred\\e[0m done-$((4+4))"\n',
    );
    await old.look(id, ({ shown }) => shown('done-8'));
    const late = new Viewer();
    await late.look(id, ({ screens }) => screens > 0);
    const [seen, drawn] = [await drawing(old), await drawing(late)];
    const tail = (text: string) => text.split('\r\n').slice(-24).join('\n');
    expect(tail(drawn)).toBe(tail(seen));
  });

  it('shows those who come while it prints each line once', async () => {
    const id = open();
    const old = new Viewer();
    type(id, "for i in $(seq 6000); do printf 'n%d %060d\\n' $i 0; done; echo all-$((2+3))\n");
    const newcomers: Viewer[] = [];
    const looking: Promise<void>[] = [];
    await old.look(id, ({ bytes, shown }) => {
      if (bytes > newcomers.length * 30_000) {
        const newcomer = new Viewer();
        newcomers.push(newcomer);
        looking.push(newcomer.look(id, (viewer) => viewer.shown('all-5')));
      }
      return shown('all-5');
    });
    await Promise.all(looking);
    for (const newcomer of newcomers) {
      const numbers = [...(await drawing(newcomer)).matchAll(/n(\d+) 0{60}/g)].map(([, number]) => Number(number));
      const first = numbers[0] ?? Number.NaN;
      expect(numbers).toEqual(Array.from({ length: 6_001 - first }, (_, index) => first + index));
    }
    expect(newcomers.some(({ screens }) => screens > 0)).toBe(true);
  });

  it('answers what programs ask their terminal, though nobody looks', async () => {
    const id = open();
    const viewer = new Viewer();
    type(id, 'stty -echo; printf "\\e[6n"; read -s -d R answer; echo "at ${answer:1}"; stty echo\n');
    await viewer.look(id, ({ output }) => /at \[\d+;\d+/.test(output.toString()));
  });

  it('refuses what is typed into a program that does not read, and takes it again once it does', async () => {
    const id = open();
    const viewer = new Viewer();
    type(id, 'stty raw -echo; echo ready-$((1+1)); sleep 5; cat > /dev/null\n');
    await viewer.look(id, ({ shown }) => shown('ready-2'));
    const much = 'x'.repeat(65_536);
    const piece = (number: number) => terminals.find(id).writeOnce(Buffer.from(much), { writer: 'page', number });
    let number = 0;
    const typeMuch = () => {
      for (; number < 64; number += 1) piece(number + 1);
    };
    expect(typeMuch).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }) as unknown as Error);
    // Refused, it was not typed: the same number again is.
    const refused = number;
    while (number === refused) {
      await delay(50);
      try {
        piece(number + 1);
        number += 1;
      } catch {
        // It does not read yet.
      }
    }
  });

  it('says how its program ended, and takes no more', async () => {
    const id = open();
    const viewer = new Viewer();
    type(id, 'exit 3\n');
    await viewer.look(id, ({ exitCode }) => exitCode !== null);
    expect(viewer.exitCode).toBe(3);
    expect(() => type(id, 'x')).toThrow(expect.objectContaining({ code: 'PRECONDITION_FAILED' }) as unknown as Error);
    await terminals.close(id);
    expect(() => terminals.find(id)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }) as unknown as Error);
  });

  it('ends what does not hang up', async () => {
    const id = open();
    const viewer = new Viewer();
    type(id, "trap '' HUP TERM; echo deaf-$((1+2)); while :; do sleep 1; done\n");
    await viewer.look(id, ({ shown }) => shown('deaf-3'));
    await terminals.close(id);
    expect(terminals.list()).toEqual([]);
  });

  it('makes its program wait for the one who stores, not the memory', async () => {
    const id = open();
    type(id, 'yes "a rather long line to fill the memory with" | head -c 8000000; echo over-$((5+5))\n');
    const viewer = new Viewer();
    const most = 64 << 20;
    const before = heldBytes(0, 0);
    let largest = 0;
    const timer = setInterval(() => (largest = Math.max(largest, heldBytes(before, most))), 100);
    try {
      await viewer.look(id, ({ shown }) => shown('over-10'));
    } finally {
      clearInterval(timer);
    }
    expect(largest).toBeLessThan(most);
  });

  it('is one of not too many, and the same for the same id', () => {
    const id = open();
    expect(terminals.open({ terminalId: id, title: 'other', ...SIZE })).toMatchObject({
      terminalId: id,
      title: 'shell',
    });
    open();
    expect(open).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }) as unknown as Error);
  });
});
