import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ConformanceCase } from './conformance.js';
import { Talk, type ConformanceSubject } from './conformance-subject.js';
import { untilExists } from './until-exists.js';

/** A tool that was allowed and runs, for longer than any test. */
export async function slowTool(subject: ConformanceSubject, talk: Talk): Promise<void> {
  const { promptId } = await talk.prompt(subject.prompts.run('touch begun.txt; sleep 300; touch done.txt'));
  talk.conversation.answer({ promptId, decision: 'allow' });
  await untilExists(join(subject.projectDirectory, 'begun.txt'));
}

export const interruptCases: readonly ConformanceCase[] = [
  {
    name: 'stops a tool that runs, and goes on talking',
    run: async (subject) => {
      const talk = await Talk.start(subject).idle();
      await slowTool(subject, talk);
      await talk.conversation.interrupt();
      await talk.idle();
      assert.equal(talk.tools()[0]?.status, 'interrupted');
      assert.equal(existsSync(join(subject.projectDirectory, 'done.txt')), false);
      await talk.turn(subject.prompts.say('I am here'));
      assert.equal(talk.said().at(-1), 'I am here');
      assert.equal(subject.processes.launches, 1);
    },
  },
  {
    name: 'stops while it waits for a permission, which is then no longer asked for',
    run: async (subject) => {
      const talk = await Talk.start(subject).idle();
      const { promptId } = await talk.prompt(subject.prompts.run('touch never.txt'));
      await talk.conversation.interrupt();
      await talk.idle();
      assert.equal(talk.recorder.ofType('prompt-answer')[0]?.outcome, 'cancelled');
      assert.throws(() => talk.conversation.answer({ promptId, decision: 'allow' }), { code: 'NOT_FOUND' });
      assert.equal(existsSync(join(subject.projectDirectory, 'never.txt')), false);
    },
  },
  {
    name: 'sends what is queued after an interrupt',
    run: async (subject) => {
      const talk = await Talk.start(subject).idle();
      await slowTool(subject, talk);
      assert.equal(talk.send(subject.prompts.say('do this instead')), 'queued');
      await talk.conversation.interrupt();
      await talk.recorder.until(() => talk.said().at(-1) === 'do this instead', 'the answer');
      await talk.idle();
    },
  },
  {
    name: 'has nothing to stop when it is idle',
    run: async (subject) => {
      const talk = await Talk.start(subject).idle();
      await talk.conversation.interrupt();
      await talk.turn(subject.prompts.say('fine'));
      assert.deepEqual(talk.said(), ['fine']);
    },
  },
  {
    name: 'ends in the middle of a tool',
    run: async (subject) => {
      const talk = await Talk.start(subject).idle();
      await slowTool(subject, talk);
      talk.send(subject.prompts.say('not any more'));
      const end = talk.conversation.end();
      assert.equal((await end).state, 'ended');
      assert.equal(subject.processes.alive, 0);
      assert.deepEqual(talk.view.queue, []);
      assert.equal(talk.tools()[0]?.status, 'interrupted');
      assert.equal(existsSync(join(subject.projectDirectory, 'done.txt')), false);
    },
  },
];
