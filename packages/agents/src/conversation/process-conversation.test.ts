import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeConnection } from '../fake/fake.connection.js';
import { EventRecorder } from '../testing/event-recorder.js';
import { hostLauncher } from '../testing/host-launcher.js';
import { ManualClock } from '../testing/manual-clock.js';
import { ProcessControl } from '../testing/process-control.js';
import type { StartOptions } from './agent-adapter.js';
import { createProcessAdapter } from './process-adapter.js';
import type { AgentProtocol } from './protocol-driver.js';

const READY = `echo '{"type":"ready","mode":"ask"}'`;
const TAKE = `read line; id=$(echo "$line" | sed 's/.*"id":"\\([^"]*\\)".*/\\1/'); echo "{\\"type\\":\\"accepted\\",\\"message\\":\\"$id\\"}"`;
const WORK = `echo '{"type":"working"}'`;
const FOREVER = 'while :; do sleep 1; done';

/** An agent that is a shell script, so that it can be as bad as it likes. */
describe('a conversation with an agent that misbehaves', () => {
  let home = '';
  const open: ProcessControl[] = [];
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'aileron-script-'));
  });
  afterAll(async () => {
    for (const processes of open) await processes.close();
    await rm(home, { recursive: true, force: true });
  });

  function start(
    script: string,
    options: Partial<StartOptions> = {},
    changes: Partial<AgentProtocol['capabilities']> = {},
  ) {
    const capabilities = {
      modes: ['ask'],
      interrupt: true,
      resume: true,
      fork: false,
      questions: true,
      suggestions: false,
      plan: false,
    };
    const protocol: AgentProtocol = {
      name: 'script',
      version: '1',
      capabilities: { ...capabilities, ...changes } as AgentProtocol['capabilities'],
      createDriver: () => ({
        command: () => ({ argv: ['/bin/sh', '-c', script], env: {}, files: [] }),
        connect: (_beginning, mode) => new FakeConnection(mode),
      }),
    };
    const clock = new ManualClock();
    const processes = new ProcessControl(hostLauncher({ home, environment: { PATH: '/usr/bin:/bin' } }));
    open.push(processes);
    const place = {
      installed: { name: 'script', version: '1', directory: home, command: '' },
      installDirectory: home,
      nodePath: '',
    };
    const adapter = createProcessAdapter(protocol, {
      ...place,
      projectDirectory: home,
      promptHint: '',
      anthropicPlaceholder: '',
      launcher: processes,
      clock,
      newId: randomUUID,
    });
    const recorder = new EventRecorder();
    return { conversation: adapter.start({ sink: recorder.sink, ...options }), adapter, recorder, clock, processes };
  }

  const message = (text = 'hello') => ({ messageId: randomUUID(), text });
  const inState = (recorder: EventRecorder, state: string) =>
    recorder.until((view) => view.state === state, `state ${state}`);

  it('is ended and resumed when it does not stop in time', async () => {
    const { conversation, recorder, clock, processes } = start(`${READY}; ${TAKE}; ${WORK}; ${FOREVER}`);
    await inState(recorder, 'idle');
    conversation.send(message());
    await inState(recorder, 'working');
    const interrupted = conversation.interrupt();
    clock.advance(10_000);
    await interrupted;
    await inState(recorder, 'idle');
    expect(recorder.ofType('error').map(({ code }) => code)).toEqual(['not-interrupted', 'process-exited']);
    expect(processes.launches).toBe(2);
  });

  it('is ended and resumed when it does not take a message', async () => {
    const { conversation, recorder, clock, processes } = start(`${READY}; ${FOREVER}`);
    await inState(recorder, 'idle');
    conversation.send(message());
    clock.advance(60_000);
    await recorder.until(() => recorder.ofType('error').length === 2, 'two errors');
    await inState(recorder, 'idle');
    expect(processes.launches).toBe(2);
  });

  it('is killed when it does not end in time', async () => {
    const { conversation, recorder, clock, processes } = start(`trap '' TERM; ${READY}; ${FOREVER}`);
    await inState(recorder, 'idle');
    const end = conversation.end();
    clock.advance(5_000);
    clock.advance(2_000);
    expect((await end).state).toBe('ended');
    expect(processes.alive).toBe(0);
  });

  it('ends before it was started', async () => {
    const { conversation, recorder } = start(`${READY}; ${FOREVER}`);
    expect((await conversation.end()).state).toBe('ended');
    expect(recorder.view.state).toBe('ended');
  });

  it('says what it printed before it died, in one line and bounded', async () => {
    const noise = `head -c 1000000 /dev/zero | tr '\\0' 'e' >&2; printf '\\033[31mno\\nlicence' >&2`;
    const { conversation } = start(`${noise}; exit 3`);
    const { state, reason } = await conversation.finished;
    expect(state).toBe('failed');
    expect(reason).toMatch(/with code 3\. It said: e+ ?\[31mno licence$/);
    expect(reason?.length).toBeLessThanOrEqual(1_024);
  });

  it('has ended when it leaves of its own will', async () => {
    const { conversation } = start(`${READY}; sleep 0.2; exit 0`);
    expect(await conversation.finished).toEqual({ state: 'ended', reason: 'The agent ended itself.' });
  });

  it('has lost its context when it cannot resume', async () => {
    const { conversation, recorder, processes } = start(
      `${READY}; ${TAKE}; ${WORK}; ${FOREVER}`,
      {},
      { resume: false },
    );
    await inState(recorder, 'idle');
    conversation.send(message());
    await inState(recorder, 'working');
    processes.killAll();
    expect((await conversation.finished).state).toBe('context-lost');
  });

  it('is refused when it runs in another mode than it was told to', async () => {
    const { conversation } = start(READY.replace('ask', 'bypass'));
    expect(await conversation.finished).toEqual({ state: 'failed', reason: 'It runs in the mode bypass.' });
  });

  it('is asked for nothing that it cannot do', async () => {
    const { adapter, conversation } = start(READY, {}, { resume: false, interrupt: false });
    const sink = async (): Promise<void> => undefined;
    expect(() => adapter.resume({ sink, conversationId: 'x' })).toThrow(
      expect.objectContaining({ code: 'UNIMPLEMENTED' }),
    );
    expect(() => adapter.fork({ sink, conversationId: 'x' })).toThrow(
      expect.objectContaining({ code: 'UNIMPLEMENTED' }),
    );
    expect(() => adapter.start({ sink, mode: 'plan' })).toThrow(expect.objectContaining({ code: 'UNIMPLEMENTED' }));
    await expect(conversation.interrupt()).rejects.toMatchObject({ code: 'UNIMPLEMENTED' });
    await conversation.end();
  });

  it('queues 32 messages and no more', async () => {
    const { conversation, recorder } = start(`${READY}; ${TAKE}; ${WORK}; ${FOREVER}`);
    await inState(recorder, 'idle');
    conversation.send(message());
    for (let i = 0; i < 32; i += 1) expect(conversation.send(message(`${i}`))).toBe('queued');
    expect(() => conversation.send(message())).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }));
    const again = message('again');
    expect(() => conversation.send(again)).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }));
    expect(conversation.withdraw(again.messageId)).toBe(false);
  });

  it('waits for 32 answers and no more', async () => {
    const ask = `i=0; while [ $i -lt 40 ]; do echo "{\\"type\\":\\"question\\",\\"id\\":\\"q$i\\",\\"question\\":\\"Which?\\",\\"options\\":[]}"; i=$((i+1)); done`;
    const { recorder } = start(`${READY}; ${WORK}; ${ask}; ${FOREVER}`);
    await recorder.until(() => recorder.ofType('notice').length === 8, 'eight refused');
    expect(recorder.ofType('question')).toHaveLength(32);
    expect(recorder.view.state).toBe('waiting-input');
  });

  it('stays as slow as whoever stores its events', async () => {
    const written = join(home, 'written');
    const line = `{"type":"notice","code":"note","text":"${'x'.repeat(1_000)}"}`;
    const flood = `i=0; while :; do echo '${line}'; i=$((i+1)); echo $i > ${written}; done`;
    const gate = Promise.withResolvers<void>();
    let stored = 0;
    const { conversation, processes } = start(`${READY}; ${flood}`, {
      sink: async (event) => {
        if (event.type === 'notice') await gate.promise;
        stored += 1;
      },
    });
    // It writes until nobody takes any more: what it wrote since is in pipes and buffers of a bounded size.
    const lines = await standstill(written);
    expect(stored).toBeLessThan(5);
    expect(lines * line.length).toBeLessThan(8 << 20);
    const over = conversation.end();
    gate.resolve();
    processes.killAll();
    expect((await over).state).toBe('ended');
  }, 60_000);
});

/** The number in a file that a process counts up, once it does so no more. */
async function standstill(file: string): Promise<number> {
  const until = Date.now() + 30_000;
  let last = 0;
  for (let still = 0; still < 10;) {
    if (Date.now() > until) throw new Error(`it still counts: ${last}`);
    await delay(100);
    const now = Number(await readFile(file, 'utf8').catch(() => '0'));
    still = now > 0 && now === last ? still + 1 : 0;
    last = Math.max(now, last);
  }
  return last;
}
