import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { totalUsage } from '@aileron/contracts/agent-events';
import type { ConformanceCase } from './conformance.js';
import { Talk } from './conformance-subject.js';

const HELLO = 'Hello there, this is a sentence of some words. Ünïcödé 🎈 too.';

export const turnCases: readonly ConformanceCase[] = [
  {
    name: 'starts and is idle, under a name that can be resumed',
    run: async (subject) => {
      const talk = await Talk.start(subject).idle();
      assert.deepEqual(
        talk.recorder.ofType('state').map(({ state }) => state),
        ['starting', 'idle'],
      );
      assert.equal(talk.view.agent, subject.adapter.name);
      assert.equal(talk.view.conversationId, talk.conversation.conversationId);
      assert.notEqual(talk.conversation.conversationId, null);
    },
  },
  {
    name: 'answers in parts that add up, works while it does, and is idle again',
    run: async (subject) => {
      const talk = await Talk.start(subject).idle();
      await talk.turn(subject.prompts.say(HELLO));
      assert.deepEqual(talk.said(), [HELLO]);
      assert.ok(talk.recorder.ofType('message-delta').length > 1, 'the text comes in parts');
      assert.deepEqual(
        talk.recorder.ofType('state').map(({ state }) => state),
        ['starting', 'idle', 'working', 'idle'],
      );
      const types = talk.recorder.events.map(({ type }) => type);
      assert.ok(types.indexOf('message') < types.indexOf('message-delta'));
      assert.ok(types.lastIndexOf('message-delta') < types.indexOf('message-done'));
      assert.ok(types.indexOf('message-done') < types.lastIndexOf('state'));
      assert.ok(talk.view.items.every((item) => item.type !== 'message' || item.done));
    },
  },
  {
    name: 'tells what it spent',
    run: async (subject) => {
      const talk = await Talk.start(subject).idle();
      await talk.turn(subject.prompts.say('one'));
      const first = totalUsage(talk.view);
      assert.ok(first.inputTokens > 0 && first.outputTokens > 0);
      await talk.turn(subject.prompts.say('two'));
      assert.ok(totalUsage(talk.view).inputTokens > first.inputTokens);
    },
  },
  {
    name: 'queues what comes while it works, and sends it in order, one a turn',
    run: async (subject) => {
      const talk = await Talk.start(subject).idle();
      const { promptId } = await talk.prompt(subject.prompts.run('touch first.txt'));
      const withdrawn = randomUUID();
      assert.equal(talk.send(subject.prompts.say('second')), 'queued');
      assert.equal(talk.send(subject.prompts.say('never'), withdrawn), 'queued');
      assert.equal(talk.send(subject.prompts.say('third')), 'queued');
      assert.equal(talk.conversation.withdraw(withdrawn), true);
      assert.equal(talk.conversation.withdraw(withdrawn), false);
      await talk.recorder.until(({ queue }) => queue.length === 2, 'two in the queue');
      talk.conversation.answer({ promptId, decision: 'allow' });
      await talk.recorder.until(() => talk.said().includes('third'), 'the third answer');
      await talk.idle();
      assert.deepEqual(talk.view.queue, []);
      assert.deepEqual(
        talk.said().filter((text) => /second|never|third/.test(text)),
        ['second', 'third'],
      );
      const order = talk.view.items.flatMap((item) =>
        item.type === 'message' && item.kind === 'text' ? [item.role] : [],
      );
      assert.deepEqual(order.slice(-4), ['user', 'assistant', 'user', 'assistant']);
    },
  },
  {
    name: 'takes the same message once',
    run: async (subject) => {
      const talk = await Talk.start(subject).idle();
      const messageId = randomUUID();
      assert.equal(talk.send(subject.prompts.say('once'), messageId), 'sent');
      assert.equal(talk.send(subject.prompts.say('once'), messageId), 'sent');
      await talk.turnOver(0);
      await talk.turn(subject.prompts.say('after'));
      assert.deepEqual(talk.said(), ['once', 'after']);
    },
  },
  {
    name: 'takes a long message whole',
    run: async (subject) => {
      const talk = await Talk.start(subject).idle();
      const long = `${subject.prompts.say('read it')}\n${'0123456789 ünï\n'.repeat(10_000)}`;
      talk.send(long);
      await talk.recorder.until(
        ({ items }) => items.some((item) => item.type === 'message' && item.text === long),
        'it',
      );
      await talk.turnOver(0);
      assert.throws(() => talk.send('x'.repeat(200_001)), { code: 'PAYLOAD_TOO_LARGE' });
      assert.throws(() => talk.send(' '), { code: 'INVALID_ARGUMENT' });
      assert.throws(() => talk.send('hello', '--not-a-uuid'), { code: 'INVALID_ARGUMENT' });
    },
  },
  {
    name: 'tells its plan',
    run: async (subject) => {
      const talk = await Talk.start(subject).idle();
      await talk.turn(subject.prompts.plan(['Read the code', 'Change it']));
      if (!subject.adapter.capabilities.plan) return;
      assert.deepEqual(
        talk.view.plan.map(({ text }) => text),
        ['Read the code', 'Change it'],
      );
    },
  },
  {
    name: 'keeps two conversations apart',
    run: async (subject) => {
      const [one, two] = await Promise.all([Talk.start(subject).idle(), Talk.start(subject).idle()]);
      assert.notEqual(one.conversation.conversationId, two.conversation.conversationId);
      await Promise.all([one.turn(subject.prompts.say('red')), two.turn(subject.prompts.say('blue'))]);
      assert.deepEqual([one.said(), two.said()], [['red'], ['blue']]);
      await one.conversation.end();
      await two.turn(subject.prompts.say('still here'));
    },
  },
  {
    name: 'ends when it is told to, and does nothing after',
    run: async (subject) => {
      const talk = await Talk.start(subject).idle();
      await talk.turn(subject.prompts.say('bye'));
      assert.deepEqual(await talk.conversation.end(), { state: 'ended', reason: null });
      assert.equal(talk.view.state, 'ended');
      assert.equal(subject.processes.alive, 0);
      assert.throws(() => talk.send(subject.prompts.say('more')), { code: 'PRECONDITION_FAILED' });
      await assert.rejects(talk.conversation.interrupt(), { code: 'PRECONDITION_FAILED' });
      assert.deepEqual(await talk.conversation.end(), { state: 'ended', reason: null });
    },
  },
  {
    name: 'refuses a mode that it does not have',
    run: async (subject) => {
      const has = subject.adapter.capabilities.modes;
      for (const mode of (['ask', 'accept-edits', 'plan', 'bypass'] as const).filter((each) => !has.includes(each))) {
        assert.throws(() => Talk.start(subject, { mode }), { code: 'UNIMPLEMENTED' });
      }
      assert.equal(subject.processes.launches, 0);
    },
  },
];
