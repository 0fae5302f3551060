import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { FakeAnthropic } from '@aileron/testing';
import type { InstalledAgent } from '../agent-definition.js';
import { Talk, type ConformanceSubject } from '../testing/conformance-subject.js';
import { agentConformance } from '../testing/conformance.js';
import { claudeSubject, installedClaude, startModel } from './claude-code.fixture.js';
import { callTools } from './scripted-model.fixture.js';

jest.setTimeout(60_000);

describe('Claude Code', () => {
  let model: FakeAnthropic;
  let installed: InstalledAgent;

  beforeAll(async () => {
    installed = await installedClaude();
    model = await startModel();
  }, 200_000);
  afterAll(() => model.close());

  async function withSubject(run: (subject: ConformanceSubject) => Promise<void>, environment = {}): Promise<void> {
    const subject = await claudeSubject(installed, model, environment);
    try {
      await run(subject);
    } finally {
      await subject.dispose();
    }
  }

  it.each(agentConformance.map((each) => [each.name, each] as const))('%s', (_name, { run }) => withSubject(run));

  it('shows what an edit changed', () =>
    withSubject(async (subject) => {
      const talk = await Talk.start(subject, { mode: 'accept-edits' }).idle();
      await talk.turn(subject.prompts.write('a.txt', 'hello\nworld\n'));
      const path = join(subject.projectDirectory, 'a.txt');
      await talk.turn(
        callTools({ name: 'Edit', input: { file_path: path, old_string: 'world', new_string: 'there' } }),
      );
      expect(talk.recorder.ofType('permission-request')).toEqual([]);
      expect(talk.tools().map(({ diff, title }) => [title, diff?.change, diff?.hunks[0]?.lines])).toEqual([
        ['a.txt', 'create', ['+hello', '+world']],
        ['a.txt', 'update', [' hello', '-world', '+there']],
      ]);
    }));

  it('changes nothing in plan mode', () =>
    withSubject(async (subject) => {
      const talk = await Talk.start(subject, { mode: 'plan' }).idle();
      const { promptId, tool } = await talk.prompt(callTools({ name: 'ExitPlanMode', input: { plan: '# A plan' } }));
      expect(tool).toBe('ExitPlanMode');
      talk.conversation.answer({ promptId, decision: 'deny', text: 'Think again.' });
      await talk.idle();
      expect(talk.tools()[0]?.status).toBe('denied');
    }));

  it('shows what a subagent does below the call that began it, and asks for it too', () =>
    withSubject(async (subject) => {
      const talk = await Talk.start(subject).idle();
      const prompt = subject.prompts.run('touch by-subagent.txt');
      const input = { description: 'Do a part', prompt, subagent_type: 'general-purpose' };
      const request = await talk.prompt(callTools({ name: 'Task', input }));
      const delegation = talk.tools().find(({ kind }) => kind === 'delegate');
      expect(request.parentToolCallId).toBe(delegation?.toolCallId);
      talk.conversation.answer({ promptId: request.promptId, decision: 'allow' });
      await talk.recorder.until(({ items, state }) => state === 'idle' && items.length > 0, 'state idle');
      expect(existsSync(join(subject.projectDirectory, 'by-subagent.txt'))).toBe(true);
      expect(talk.tools().find(({ name }) => name === 'Bash')).toMatchObject({
        status: 'ok',
        parentToolCallId: delegation?.toolCallId,
      });
    }));

  it('says once that the model cannot be reached, and is idle', () =>
    withSubject(
      async (subject) => {
        const talk = await Talk.start(subject).idle();
        await talk.turn(subject.prompts.say('never'));
        expect(talk.recorder.ofType('error')).toMatchObject([{ code: 'model-failed' }]);
        expect(talk.said()).toEqual([]);
        expect(talk.view.state).toBe('idle');
      },
      { ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' },
    ));

  it('begins anew under another name when a person clears the conversation', () =>
    withSubject(async (subject) => {
      const talk = await Talk.start(subject).idle();
      await talk.turn(subject.prompts.say('before'));
      const first = talk.conversation.conversationId;
      await talk.turn('/clear');
      await talk.turn(subject.prompts.say('after'));
      const second = talk.conversation.conversationId;
      expect(second).not.toBe(first);
      await talk.conversation.end();
      const again = await Talk.resume(subject, { conversationId: second ?? '' }).idle();
      await again.turn(subject.prompts.recall());
      expect(again.said().at(-1)).toContain('after');
    }));

  it('speaks to nobody but the model', () => {
    const paths = new Set(model.requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`));
    expect(
      [...paths].filter((path) => !/^(POST \/v1\/messages|GET \/v1\/models|GET \/api\/claude_code|HEAD \/)/.test(path)),
    ).toEqual([]);
    expect(model.requests.every((request) => request.header('x-api-key').length <= 1)).toBe(true);
  });
});
