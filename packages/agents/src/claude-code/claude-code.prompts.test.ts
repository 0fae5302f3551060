import { describe, expect, it } from '@jest/globals';
import { ask, connect, read } from './claude-code.lines.fixture.js';

describe('a permission prompt of Claude Code', () => {
  const suggestions = [
    {
      type: 'addRules',
      rules: [{ toolName: 'Bash', ruleContent: 'touch x *' }],
      behavior: 'allow',
      destination: 'localSettings',
    },
    { type: 'addDirectories', directories: ['/workspace'], destination: 'session' },
    { type: 'setMode', mode: 'acceptEdits', destination: 'session' },
    { type: 'somethingNew', destination: 'userSettings' },
  ];
  const input = { command: 'touch x', description: 'Touch' };
  const request = {
    subtype: 'can_use_tool',
    tool_name: 'Bash',
    input,
    tool_use_id: 't1',
    permission_suggestions: suggestions,
  };

  it('says what it offers to remember, and gives back what was chosen', () => {
    const connection = connect();
    const [signal] = read(connection, ask('p1', request));
    expect(signal).toMatchObject({
      prompt: {
        suggestions: [
          { id: '0', label: 'Always allow Bash(touch x *)', scope: 'project' },
          { id: '1', label: 'Allow the folder /workspace', scope: 'conversation' },
          { id: '2', label: 'Allow all edits', scope: 'conversation' },
          { id: '3', label: 'somethingNew', scope: 'user' },
        ],
      },
    });
    const answer = JSON.parse(
      connection.encodeAnswer({ promptId: 'p1', decision: 'allow', suggestionIds: ['0', '2'] }),
    ) as object;
    expect(answer).toEqual({
      type: 'control_response',
      response: {
        subtype: 'success',
        request_id: 'p1',
        response: { behavior: 'allow', updatedInput: input, updatedPermissions: [suggestions[0], suggestions[2]] },
      },
    });
  });

  it('is denied when it is not known any more', () => {
    const connection = connect();
    read(connection, ask('p1', request), { type: 'control_cancel_request', request_id: 'p1' });
    const answer = connection.encodeAnswer({ promptId: 'p1', decision: 'allow' });
    expect(JSON.parse(answer)).toMatchObject({ response: { response: { behavior: 'deny' } } });
  });

  it('allows what was asked, however much of it is shown', () => {
    const connection = connect();
    const large = { file_path: '/workspace/a', content: 'x'.repeat(500_000) };
    const [signal] = read(connection, ask('p1', { ...request, tool_name: 'Write', input: large }));
    expect(signal).toMatchObject({ prompt: { inputTruncated: true } });
    const answer = JSON.parse(connection.encodeAnswer({ promptId: 'p1', decision: 'allow' })) as { response: object };
    expect(answer).toMatchObject({ response: { response: { updatedInput: large } } });
  });

  it('is a question when all of it can be shown, and else a permission', () => {
    const question = (options: number) => ({
      question: 'Which?',
      header: 'Choice',
      multiSelect: true,
      options: Array.from({ length: options }, (_, i) => ({ label: `${i}`, description: '' })),
    });
    const asked = (options: number) => ({
      ...request,
      tool_name: 'AskUserQuestion',
      input: { questions: [question(options)] },
    });
    const connection = connect();
    expect(read(connection, ask('p1', asked(3)))).toMatchObject([{ prompt: { type: 'question' } }]);
    expect(read(connection, ask('p2', asked(40)))).toMatchObject([{ prompt: { type: 'permission-request' } }]);
    const answer = connection.encodeAnswer({ promptId: 'p1', decision: 'allow', text: 'the second' });
    expect(JSON.parse(answer)).toMatchObject({
      response: { response: { updatedInput: { answers: { 'Which?': 'the second' } } } },
    });
  });

  it('of a kind that is not known is answered with an error, so that nothing waits', () => {
    const [signal] = read(connect(), ask('h1', { subtype: 'hook_callback', callback_id: 'x' }));
    expect(signal).toMatchObject({ type: 'reply' });
    expect(JSON.parse(signal?.type === 'reply' ? signal.line : '')).toMatchObject({
      type: 'control_response',
      response: { subtype: 'error', request_id: 'h1' },
    });
  });
});
