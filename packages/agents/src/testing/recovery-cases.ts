import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ConformanceCase } from './conformance.js';
import { Talk, type ConformanceSubject } from './conformance-subject.js';
import { slowTool } from './interrupt-cases.js';

const FIRST = 'the first of all';

async function crash(subject: ConformanceSubject, talk: Talk): Promise<void> {
  const from = talk.recorder.events.length;
  subject.processes.killAll();
  await talk.recorder.event('error', from);
  await talk.recorder.event('state', from);
}

async function recalls(subject: ConformanceSubject, talk: Talk): Promise<void> {
  await talk.turn(subject.prompts.recall());
  assert.match(talk.said().at(-1) ?? '', new RegExp(FIRST));
}

export const recoveryCases: readonly ConformanceCase[] = [
  {
    name: 'survives the death of its process, and says so',
    run: async (subject) => {
      const talk = await Talk.start(subject).idle();
      await talk.turn(subject.prompts.say(FIRST));
      await crash(subject, talk);
      await talk.idle();
      assert.equal(talk.recorder.ofType('error')[0]?.code, 'process-exited');
      const states = talk.recorder.ofType('state');
      assert.deepEqual(
        states.slice(-2).map(({ state }) => state),
        ['starting', 'idle'],
      );
      assert.match(states.at(-2)?.reason ?? '', /SIGKILL/);
      assert.ok(talk.recorder.ofType('notice').some(({ code }) => code === 'resumed'));
      await recalls(subject, talk);
    },
  },
  {
    name: 'does not do again what was cut by the death of its process',
    run: async (subject) => {
      const talk = await Talk.start(subject).idle();
      await talk.turn(subject.prompts.say(FIRST));
      await slowTool(subject, talk);
      assert.equal(talk.send(subject.prompts.say('after the crash')), 'queued');
      await crash(subject, talk);
      await talk.recorder.until(() => talk.said().at(-1) === 'after the crash', 'the queued answer');
      await talk.idle();
      assert.equal(talk.tools().length, 1);
      assert.equal(talk.tools()[0]?.status, 'interrupted');
      assert.ok(talk.recorder.ofType('notice').some(({ code }) => code === 'turn-cut'));
      await recalls(subject, talk);
    },
  },
  {
    name: 'withdraws a permission request when its process dies',
    run: async (subject) => {
      const talk = await Talk.start(subject).idle();
      await talk.turn(subject.prompts.say(FIRST));
      const { promptId } = await talk.prompt(subject.prompts.run('touch asked.txt'));
      await crash(subject, talk);
      await talk.idle();
      assert.equal(talk.recorder.ofType('prompt-answer')[0]?.outcome, 'cancelled');
      assert.throws(() => talk.conversation.answer({ promptId, decision: 'allow' }), { code: 'NOT_FOUND' });
      await recalls(subject, talk);
    },
  },
  {
    name: 'starts anew when its process dies before anything was said',
    run: async (subject) => {
      const talk = await Talk.start(subject).idle();
      await crash(subject, talk);
      await talk.idle();
      await talk.turn(subject.prompts.say('hello'));
      assert.deepEqual(talk.said(), ['hello']);
    },
  },
  {
    name: 'answers once what was sent while its process died',
    run: async (subject) => {
      for (const history of [false, true]) {
        const talk = await Talk.start(subject).idle();
        if (history) await talk.turn(subject.prompts.say(FIRST));
        talk.send(subject.prompts.say('answer me'));
        await crash(subject, talk);
        await talk.recorder.until(() => talk.said().includes('answer me') && talk.view.state === 'idle', 'the answer');
        await talk.turn(subject.prompts.say('and on'));
        assert.deepEqual(talk.said(), [...(history ? [FIRST] : []), 'answer me', 'and on']);
        const sent = talk.view.items.filter((item) => item.type === 'message' && item.role === 'user');
        assert.equal(sent.length, history ? 3 : 2);
      }
    },
  },
  {
    name: 'fails when it crashes again and again',
    run: async (subject) => {
      const talk = await Talk.start(subject).idle();
      await talk.turn(subject.prompts.say(FIRST));
      for (let i = 0; i < 3; i += 1) {
        await crash(subject, talk);
        await talk.idle();
      }
      subject.processes.killAll();
      const end = await talk.conversation.finished;
      assert.equal(end.state, 'failed');
      assert.match(end.reason ?? '', /too often/);
    },
  },
  {
    name: 'resumes a conversation that was ended',
    run: async (subject) => {
      if (!subject.adapter.capabilities.resume) return;
      const talk = await Talk.start(subject).idle();
      await talk.turn(subject.prompts.say(FIRST));
      await talk.conversation.end();
      const conversationId = talk.conversation.conversationId ?? '';
      const again = await Talk.resume(subject, { conversationId }).idle();
      assert.equal(again.conversation.conversationId, conversationId);
      assert.notEqual(again.conversation.runId, talk.conversation.runId);
      await recalls(subject, again);
    },
  },
  {
    name: 'says that the context is lost when it does not know the conversation',
    run: async (subject) => {
      if (!subject.adapter.capabilities.resume) return;
      for (const begin of [Talk.resume, ...(subject.adapter.capabilities.fork ? [Talk.fork] : [])]) {
        const talk = begin(subject, { conversationId: randomUUID() });
        const end = await talk.conversation.finished;
        assert.equal(end.state, 'context-lost');
        assert.equal(talk.view.state, 'context-lost');
        assert.notEqual(talk.view.reason, null);
      }
      assert.throws(() => Talk.resume(subject, { conversationId: '--help' }), { code: 'INVALID_ARGUMENT' });
    },
  },
  {
    name: 'forks a conversation and leaves the first as it is',
    run: async (subject) => {
      if (!subject.adapter.capabilities.fork) return;
      const talk = await Talk.start(subject).idle();
      await talk.turn(subject.prompts.say(FIRST));
      const conversationId = talk.conversation.conversationId ?? '';
      const fork = await Talk.fork(subject, { conversationId }).idle();
      await recalls(subject, fork);
      assert.notEqual(fork.conversation.conversationId, conversationId);
      await fork.conversation.end();
      const resumed = await Talk.resume(subject, { conversationId: fork.conversation.conversationId ?? '' }).idle();
      await recalls(subject, resumed);
      await recalls(subject, talk);
    },
  },
  {
    name: 'fails when it cannot be started, or does not begin to speak',
    run: async (subject) => {
      subject.processes.refuses = true;
      const refused = Talk.start(subject);
      const end = await refused.conversation.finished;
      assert.equal(end.state, 'failed');
      assert.match(end.reason ?? '', /The test refuses/);
      assert.equal(refused.recorder.ofType('error')[0]?.code, 'launch-failed');
      subject.processes.refuses = false;
      subject.processes.silent = true;
      const silent = Talk.start(subject, { deadlines: { startMs: 5_000 } });
      await silent.recorder.event('state');
      subject.clock.advance(5_000);
      assert.equal((await silent.conversation.finished).state, 'failed');
      assert.equal(silent.recorder.ofType('error')[0]?.code, 'start-timeout');
    },
  },
];
