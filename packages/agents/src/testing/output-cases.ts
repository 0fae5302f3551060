import assert from 'node:assert/strict';
import { applyAgentEvent, EMPTY_CONVERSATION, EVENT_LIMITS } from '@aileron/contracts/agent-events';
import type { ConformanceCase } from './conformance.js';
import { Talk } from './conformance-subject.js';
import { EventRecorder } from './event-recorder.js';

const LINE_BYTES = 24 << 20;

export const outputCases: readonly ConformanceCase[] = [
  {
    name: 'reports lines that are no protocol, and works on',
    run: async (subject) => {
      const talk = await Talk.start(subject).idle();
      for (const line of ['garbage', '{"half":', '[]', '"text"', '\u0000\u0001']) subject.processes.inject(`${line}\n`);
      await talk.recorder.until(() => talk.recorder.ofType('error').length === 5, 'five errors');
      assert.ok(talk.recorder.ofType('error').every(({ code }) => code === 'bad-line'));
      await talk.turn(subject.prompts.say('unmoved'));
      assert.deepEqual(talk.said(), ['unmoved']);
    },
  },
  {
    name: 'gives up on an agent that speaks no protocol at all',
    run: async (subject) => {
      const talk = await Talk.start(subject).idle();
      subject.processes.inject('noise\n'.repeat(200));
      assert.equal((await talk.conversation.finished).state, 'failed');
      assert.ok(talk.recorder.events.length < 100, 'the noise is not told line by line');
      assert.equal(subject.processes.alive, 0);
    },
  },
  {
    name: 'leaves out a line over the limit, and works on',
    run: async (subject) => {
      const talk = await Talk.start(subject).idle();
      subject.processes.inject(Buffer.alloc(LINE_BYTES, 'x'));
      subject.processes.inject('\n');
      const { code, text } = await talk.recorder.event('error');
      assert.equal(code, 'line-too-long');
      assert.match(text, new RegExp(`${LINE_BYTES}`));
      await talk.turn(subject.prompts.say('unmoved'));
      assert.deepEqual(talk.said(), ['unmoved']);
    },
  },
  {
    name: 'bounds what a tool prints',
    run: async (subject) => {
      const canBypass = subject.adapter.capabilities.modes.includes('bypass');
      const talk = await Talk.start(subject, canBypass ? { mode: 'bypass' } : {}).idle();
      await talk.turn(subject.prompts.output(3_000_000));
      const [tool] = talk.tools();
      assert.equal(tool?.status, 'ok');
      assert.ok((tool?.result?.text.length ?? Infinity) <= EVENT_LIMITS.resultText);
    },
  },
  {
    name: 'waits for whoever stores its events',
    run: async (subject) => {
      const recorder = new EventRecorder();
      let storing = 0;
      const sink = async (event: Parameters<typeof recorder.sink>[0]): Promise<void> => {
        storing += 1;
        assert.equal(storing, 1, 'one event at a time');
        await new Promise((resolve) => setImmediate(resolve));
        await recorder.sink(event);
        storing -= 1;
      };
      const conversation = subject.adapter.start({ sink });
      await recorder.until(({ state }) => state === 'idle', 'state idle');
      const text = 'word '.repeat(2_000).trim();
      conversation.send({ messageId: crypto.randomUUID(), text: subject.prompts.say(text) });
      await recorder.until(
        ({ items, state }) =>
          state === 'idle' && items.some((item) => item.type === 'message' && item.role === 'assistant'),
        'the answer',
      );
      assert.ok(recorder.view.items.some((item) => item.type === 'message' && item.text === text));
      const folded = recorder.events.reduce(applyAgentEvent, EMPTY_CONVERSATION);
      assert.deepEqual(folded, recorder.view);
    },
  },
  {
    name: 'stops when its events cannot be stored',
    run: async (subject) => {
      const recorder = new EventRecorder();
      const sink = async (event: Parameters<typeof recorder.sink>[0]): Promise<void> => {
        if (event.type === 'message') throw new Error('the disk is full');
        await recorder.sink(event);
      };
      const conversation = subject.adapter.start({ sink });
      await recorder.until(({ state }) => state === 'idle', 'state idle');
      conversation.send({ messageId: crypto.randomUUID(), text: subject.prompts.say('lost') });
      const end = await conversation.finished;
      assert.deepEqual(end, { state: 'failed', reason: 'Its events could not be stored.' });
      assert.equal(subject.processes.alive, 0);
    },
  },
];
