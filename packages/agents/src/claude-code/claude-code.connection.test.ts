import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  SESSION,
  ask,
  begin,
  call,
  connect,
  delta,
  eventsOf,
  initialized,
  read,
  result,
  start,
  state,
  stop,
  stream,
  whole,
} from './claude-code.lines.fixture.js';

describe('what Claude Code says', () => {
  it('is thinking and text in parts, each ended once its whole is the same', () => {
    const connection = connect();
    const events = eventsOf(
      read(
        connection,
        begin('m1'),
        start(0, { type: 'thinking', thinking: '' }),
        delta(0, { type: 'thinking_delta', thinking: 'Let me ' }),
        delta(0, { type: 'thinking_delta', thinking: 'see.' }),
        delta(0, { type: 'signature_delta', signature: 'abc' }),
        whole('m1', [{ type: 'thinking', thinking: 'Let me see.', signature: 'abc' }]),
        stop(0),
        start(1, { type: 'text', text: '' }),
        delta(1, { type: 'text_delta', text: 'Hi' }),
        whole('m1', [{ type: 'text', text: 'Hi' }]),
        stop(1),
      ),
    );
    expect(events.map((event) => [event.type, 'messageId' in event ? event.messageId : ''])).toEqual([
      ['message', 'm1:0'],
      ['message-delta', 'm1:0'],
      ['message-done', 'm1:0'],
      ['message', 'm1:1'],
      ['message-done', 'm1:1'],
    ]);
    expect(events[0]).toMatchObject({ kind: 'thinking', text: 'Let me ' });
  });

  it('is set anew when the whole is another than its parts', () => {
    const connection = connect();
    const parts = [begin('m1'), start(0, { type: 'text', text: '' }), delta(0, { type: 'text_delta', text: 'Hal' })];
    const events = eventsOf(read(connection, ...parts, whole('m1', [{ type: 'text', text: 'Hello' }])));
    expect(events.at(-1)).toMatchObject({ type: 'message', messageId: 'm1:0', text: 'Hello', done: true });
  });

  it('is a tool call as soon as it is begun, and again with its input', () => {
    const connection = connect();
    const input = { file_path: '/workspace/src/a.ts', content: 'x' };
    const events = eventsOf(
      read(connection, begin('m1'), start(0, call('t1', 'Write')), whole('m1', [call('t1', 'Write', input)]), stop(0)),
    );
    expect(events).toMatchObject([
      { type: 'tool-call', toolCallId: 't1', input: null, kind: 'edit' },
      { type: 'tool-call', toolCallId: 't1', input, title: 'src/a.ts' },
    ]);
  });

  it('keeps what subagents say apart, also while both speak', () => {
    const connection = connect();
    const events = eventsOf(
      read(
        connection,
        begin('m1'),
        start(0, { type: 'text', text: '' }),
        delta(0, { type: 'text_delta', text: 'Main' }),
        whole('s1', [{ type: 'text', text: 'Sub' }], { parent_tool_use_id: 'task1' }),
        whole('s1', [call('t9', 'Bash', { command: 'ls' })], { parent_tool_use_id: 'task1' }),
        whole('m1', [{ type: 'text', text: 'Main' }]),
      ),
    );
    expect(events).toMatchObject([
      { messageId: 'm1:0', parentToolCallId: null },
      { messageId: 's1:0', text: 'Sub', done: true, parentToolCallId: 'task1' },
      { toolCallId: 't9', parentToolCallId: 'task1' },
      { type: 'message-done', messageId: 'm1:0' },
    ]);
    const [prompt] = read(
      connection,
      ask('p1', { subtype: 'can_use_tool', tool_name: 'Bash', input: {}, tool_use_id: 't9' }),
    );
    expect(prompt).toMatchObject({ type: 'prompt', prompt: { parentToolCallId: 'task1' } });
  });

  it('tells results apart: done, failed, denied, stopped', () => {
    const connection = connect();
    const failed = { is_error: true, content: '<tool_use_error>No such file</tool_use_error>' };
    const denied = { tool_result_meta: [{ id: 't3', non_execution_kind: 'permission-rule' }] };
    const parts = {
      content: [
        { type: 'text', text: 'a picture' },
        { type: 'image', source: {} },
      ],
    };
    expect(
      eventsOf(
        read(
          connection,
          result('t1', parts),
          result('t2', failed),
          result('t3', { is_error: true, content: 'No' }, denied),
        ),
      ),
    ).toMatchObject([
      { outcome: 'ok', text: 'a picture\n[image]' },
      { outcome: 'error', text: 'No such file' },
      { outcome: 'denied', text: 'No' },
    ]);
    connection.encodeInterrupt();
    expect(eventsOf(read(connection, result('t4', { is_error: true })))).toMatchObject([{ outcome: 'interrupted' }]);
    read(connection, state('idle'));
    expect(eventsOf(read(connection, result('t5', { is_error: true })))).toMatchObject([{ outcome: 'error' }]);
  });

  it('shows an edit as a diff, whole lines of it', () => {
    const hunk = { oldStart: 1, oldLines: 1, newStart: 1, newLines: 1, lines: ['-a', '+b'] };
    const edit = { filePath: '/workspace/a.txt', structuredPatch: [hunk] };
    expect(eventsOf(read(connect(), result('t1', {}, { tool_use_result: edit })))).toMatchObject([
      { diff: { path: 'a.txt', change: 'update', hunks: [hunk], truncated: false } },
    ]);
    const content = `${'long line of a file\n'.repeat(10_000)}`;
    const large = { type: 'create', filePath: '/elsewhere/b.txt', content, structuredPatch: [] };
    const [event] = eventsOf(read(connect(), result('t1', {}, { tool_use_result: large })));
    expect(event).toMatchObject({ diff: { path: '/elsewhere/b.txt', change: 'create', truncated: true } });
    expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(256 << 10);
  });

  it('has a plan, from tasks or from todos', () => {
    const connection = connect();
    const create = (id: string, task: string, subject: string) => [
      whole('m1', [call(id, 'TaskCreate', { subject })]),
      result(id, {}, { tool_use_result: { task: { id: task, subject } } }),
    ];
    const update = (id: string, taskId: string, to: string) => [
      whole('m1', [call(id, 'TaskUpdate', { taskId, status: to })]),
      result(id, {}, { tool_use_result: { success: true, taskId, statusChange: { from: 'pending', to } } }),
    ];
    const plans = (...lines: readonly object[]) =>
      eventsOf(read(connection, ...lines)).filter(({ type }) => type === 'plan');
    expect(plans(...create('a', '1', 'One'), ...create('b', '2', 'Two'))).toHaveLength(2);
    expect(plans(...update('c', '1', 'completed'), ...update('d', '2', 'deleted')).at(-1)).toEqual({
      type: 'plan',
      entries: [{ id: '1', text: 'One', status: 'completed' }],
      truncated: false,
    });
    const todos = [{ content: 'Three', status: 'in_progress', activeForm: 'Doing three' }];
    expect(plans(whole('m1', [call('e', 'TodoWrite', { todos })]), result('e'))).toMatchObject([
      { entries: [{ text: 'Three', status: 'in-progress' }] },
    ]);
    expect(plans(whole('m1', [call('f', 'TodoWrite', { todos: 'none' })]), result('f'))).toEqual([]);
    const many = Array.from({ length: 500 }, (_, i) => ({ id: `${i}`, subject: 'x', status: 'pending' }));
    const listed = [whole('m1', [call('g', 'TaskList')]), result('g', {}, { tool_use_result: { tasks: many } })];
    expect(plans(...listed)).toMatchObject([{ truncated: true }]);
  });

  it('tells what a turn cost and why it failed', () => {
    const connection = connect();
    const models = {
      big: {
        inputTokens: 10,
        outputTokens: 2,
        cacheReadInputTokens: 3,
        cacheCreationInputTokens: 4,
        costUSD: 0.5,
        contextWindow: 200,
      },
      small: { inputTokens: 1, outputTokens: 1, cacheReadInputTokens: 0, cacheCreationInputTokens: 0, costUSD: 0.25 },
    };
    const over = { type: 'result', subtype: 'success', is_error: false, model_usage_since_last_result: models };
    const usage = { input_tokens: 20, cache_read_input_tokens: 5, output_tokens: 7 };
    expect(read(connection, stream({ type: 'message_delta', delta: {}, usage }), over)).toEqual([
      {
        type: 'usage',
        spent: { inputTokens: 11, outputTokens: 3, cacheReadTokens: 3, cacheWriteTokens: 4, costUsd: 0.75 },
        context: { tokens: 32, window: 200 },
      },
    ]);
    const failed = {
      type: 'result',
      subtype: 'success',
      is_error: true,
      terminal_reason: 'api_error',
      result: 'API Error: no',
    };
    expect(eventsOf(read(connection, failed))).toEqual([
      { type: 'error', code: 'model-failed', text: 'API Error: no' },
    ]);
    const turns = { type: 'result', subtype: 'error_max_turns', is_error: true };
    expect(eventsOf(read(connection, turns))).toEqual([
      { type: 'error', code: 'turn-failed', text: 'error_max_turns' },
    ]);
    const aborted = {
      type: 'result',
      subtype: 'error_during_execution',
      is_error: true,
      terminal_reason: 'aborted_tools',
    };
    expect(read(connection, aborted)).toEqual([]);
    const said = whole('x', [{ type: 'text', text: 'API Error: no' }], { is_api_error_message: true });
    expect(read(connection, said)).toEqual([]);
  });

  it('notices what a person should know', () => {
    const retry = {
      type: 'system',
      subtype: 'api_retry',
      attempt: 2,
      max_retries: 10,
      retry_delay_ms: 1188.3,
      error_status: 529,
    };
    const interrupted = {
      type: 'user',
      message: { content: [{ type: 'text', text: '[Request interrupted by user for tool use]' }] },
    };
    const printed = {
      type: 'user',
      isReplay: true,
      message: { content: '<local-command-stdout>Compacted </local-command-stdout>' },
    };
    expect(
      eventsOf(
        read(
          connect(),
          { ...retry, error: 'overloaded' },
          { type: 'system', subtype: 'compact_boundary' },
          interrupted,
          printed,
        ),
      ),
    ).toMatchObject([
      {
        level: 'warning',
        code: 'model-retry',
        text: 'The model answered 529 (overloaded); attempt 2 of 10, again in 2 s.',
      },
      { code: 'context-compacted' },
      { code: 'interrupted' },
      { code: 'command-output', text: 'Compacted' },
    ]);
  });

  it('is ready in the mode that it was told, and in no other', () => {
    expect(read(connect(), initialized('default'))).toEqual([{ type: 'ready', model: null }]);
    expect(read(connect('plan'), initialized('plan'))).toEqual([{ type: 'ready', model: null }]);
    for (const mode of ['bypassPermissions', 'acceptEdits', 'other']) {
      expect(read(connect(), initialized(mode))).toMatchObject([{ type: 'unusable' }]);
    }
    const error = {
      type: 'control_response',
      response: { subtype: 'error', request_id: 'aileron-initialize', error: 'no' },
    };
    expect(read(connect(), error)).toEqual([{ type: 'unusable', reason: 'no' }]);
  });

  it('is in another conversation once it says so', () => {
    const connection = connect();
    expect(read(connection, { type: 'system', subtype: 'init', session_id: SESSION, model: 'm' })).toEqual([
      { type: 'conversation', conversationId: SESSION, model: 'm' },
    ]);
    const cleared = { type: 'result', subtype: 'success', is_error: false, session_id: 'another' };
    expect(read(connection, cleared)).toEqual([{ type: 'conversation', conversationId: 'another', model: null }]);
    expect(read(connection, cleared)).toEqual([]);
  });

  it('knows no conversation that it has not', () => {
    const line = {
      type: 'result',
      subtype: 'error_during_execution',
      is_error: true,
      errors: ['No conversation found with session ID: x'],
    };
    expect(read(connect(), line)).toMatchObject([{ type: 'conversation-unknown' }]);
  });
});

describe('lines that are not what they should be', () => {
  it('are unreadable and never throw', () => {
    const types = [
      'assistant',
      'user',
      'result',
      'system',
      'stream_event',
      'control_request',
      'control_response',
      'command_lifecycle',
    ];
    const connection = connect();
    for (const line of ['', 'x', '[]', 'null', '"s"', ...types.map((type) => `{"type":"${type}"}`)]) {
      expect(read(connection, line)).toMatchObject([{ type: 'unreadable' }]);
    }
    expect(read(connection, { type: 'something_new', x: 1 }, {})).toEqual([]);
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.jsonValue(),
        (type, fields, value) => {
          const line = { ...fields, type, message: value, event: value, request: value, response: value };
          eventsOf(read(connection, line));
        },
      ),
    );
  });
});
