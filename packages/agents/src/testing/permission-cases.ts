import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openPrompts } from '@aileron/contracts/agent-events';
import type { ConformanceCase } from './conformance.js';
import { Talk, type ConformanceSubject } from './conformance-subject.js';

const inProject = (subject: ConformanceSubject, name: string): boolean =>
  existsSync(join(subject.projectDirectory, name));

export const permissionCases: readonly ConformanceCase[] = [
  {
    name: 'asks before it runs a tool, and runs it once it may',
    run: async (subject) => {
      const talk = await Talk.start(subject).idle();
      const request = await talk.prompt(subject.prompts.run('touch allowed.txt && echo did-it'));
      await talk.recorder.until(({ state }) => state === 'waiting-approval', 'state waiting-approval');
      assert.match(JSON.stringify(request.input), /touch allowed\.txt && echo did-it/);
      assert.equal(request.inputTruncated, false);
      assert.equal(request.kind, 'run');
      assert.equal(openPrompts(talk.view)[0]?.promptId, request.promptId);
      assert.equal(inProject(subject, 'allowed.txt'), false);
      talk.conversation.answer({ promptId: request.promptId, decision: 'allow' });
      await talk.idle();
      assert.equal(inProject(subject, 'allowed.txt'), true);
      const [tool] = talk.tools();
      assert.equal(tool?.toolCallId, request.toolCallId);
      assert.equal(tool?.status, 'ok');
      assert.match(tool?.result?.text ?? '', /did-it/);
      assert.equal(talk.recorder.ofType('prompt-answer')[0]?.outcome, 'allowed');
      assert.deepEqual(
        talk.recorder.ofType('state').map(({ state }) => state),
        ['starting', 'idle', 'working', 'waiting-approval', 'working', 'idle'],
      );
    },
  },
  {
    name: 'does not run what was denied, and tells why',
    run: async (subject) => {
      const talk = await Talk.start(subject).idle();
      const { promptId } = await talk.prompt(subject.prompts.run('touch denied.txt'));
      talk.conversation.answer({ promptId, decision: 'deny', text: 'Not on a Sunday.' });
      await talk.recorder.until(({ state }) => state === 'idle', 'state idle');
      assert.equal(inProject(subject, 'denied.txt'), false);
      const [tool] = talk.tools();
      assert.equal(tool?.status, 'denied');
      assert.match(tool?.result?.text ?? '', /Not on a Sunday\./);
      const [answer] = talk.recorder.ofType('prompt-answer');
      assert.deepEqual([answer?.outcome, answer?.text], ['denied', 'Not on a Sunday.']);
    },
  },
  {
    name: 'denies what nobody answers in time',
    run: async (subject) => {
      const talk = await Talk.start(subject, { deadlines: { promptMs: 60_000 } }).idle();
      const { expiresAt } = await talk.prompt(subject.prompts.run('touch late.txt'));
      assert.equal(expiresAt, new Date(subject.clock.now() + 60_000).toISOString());
      subject.clock.advance(60_000);
      await talk.idle();
      assert.equal(inProject(subject, 'late.txt'), false);
      assert.equal(talk.recorder.ofType('prompt-answer')[0]?.outcome, 'expired');
      assert.equal(talk.tools()[0]?.status, 'denied');
    },
  },
  {
    name: 'takes one answer to a prompt, and none that was not asked for',
    run: async (subject) => {
      const talk = await Talk.start(subject).idle();
      const { promptId } = await talk.prompt(subject.prompts.run('touch once.txt'));
      const answer = (changes: object) => () => talk.conversation.answer({ promptId, decision: 'allow', ...changes });
      assert.throws(answer({ promptId: 'another' }), { code: 'NOT_FOUND' });
      assert.throws(answer({ suggestionIds: ['999'] }), { code: 'INVALID_ARGUMENT' });
      answer({})();
      assert.throws(answer({}), { code: 'NOT_FOUND' });
      await talk.idle();
      assert.equal(talk.recorder.ofType('prompt-answer').length, 1);
    },
  },
  {
    name: 'remembers what it was told to remember',
    run: async (subject) => {
      if (!subject.adapter.capabilities.suggestions) return;
      const talk = await Talk.start(subject).idle();
      const { promptId, suggestions } = await talk.prompt(subject.prompts.write('one.txt', 'first\n'));
      const [suggestion] = suggestions;
      assert.ok(suggestion !== undefined, 'it offers to remember');
      talk.conversation.answer({ promptId, decision: 'allow', suggestionIds: [suggestion.id] });
      await talk.idle();
      assert.deepEqual(talk.recorder.ofType('prompt-answer')[0]?.remembered, [suggestion.label]);
      await talk.turn(subject.prompts.write('two.txt', 'second\n'));
      assert.equal(inProject(subject, 'two.txt'), true);
      assert.equal(talk.recorder.ofType('permission-request').length, 1);
      const [, second] = talk.tools();
      assert.deepEqual(
        [second?.diff?.path, second?.diff?.change, second?.diff?.hunks[0]?.lines],
        ['two.txt', 'create', ['+second']],
      );
    },
  },
  {
    name: 'asks a question and hears the answer',
    run: async (subject) => {
      if (!subject.adapter.capabilities.questions) return;
      const talk = await Talk.start(subject).idle();
      talk.send(subject.prompts.ask('Which colour?', ['Red', 'Blue']));
      const { promptId, questions } = await talk.recorder.event('question');
      await talk.recorder.until(({ state }) => state === 'waiting-input', 'state waiting-input');
      assert.deepEqual(
        questions[0]?.options.map(({ label }) => label),
        ['Red', 'Blue'],
      );
      assert.throws(() => talk.conversation.answer({ promptId, decision: 'allow' }), { code: 'INVALID_ARGUMENT' });
      talk.conversation.answer({ promptId, decision: 'allow', answers: { 'Which colour?': 'Blue' } });
      await talk.idle();
      assert.match(talk.said().at(-1) ?? '', /Blue/);
      assert.equal(talk.recorder.ofType('prompt-answer')[0]?.outcome, 'answered');
    },
  },
  {
    name: 'asks nobody when it is told to bypass',
    run: async (subject) => {
      if (!subject.adapter.capabilities.modes.includes('bypass')) return;
      const talk = await Talk.start(subject, { mode: 'bypass' }).idle();
      await talk.turn(subject.prompts.run('touch bypassed.txt'));
      assert.equal(inProject(subject, 'bypassed.txt'), true);
      assert.equal(talk.recorder.ofType('permission-request').length, 0);
    },
  },
];
