import type { ProtocolSignal } from '../conversation/protocol-driver.js';
import { AgentEvent, type AgentEventBody } from '@aileron/contracts/agent-events';
import { ClaudeConnection } from './claude-code.connection.js';
import { ClaudePlan } from './claude-code.plan.js';

// Lines as Claude Code writes them, the parts that are read.

export const SESSION = '11111111-1111-4111-8111-111111111111';
export const connect = (mode: 'ask' | 'plan' = 'ask') =>
  new ClaudeConnection({ projectDirectory: '/workspace', mode, conversationId: SESSION, plan: new ClaudePlan() });

export function read(connection: ClaudeConnection, ...lines: readonly unknown[]): ProtocolSignal[] {
  return lines.flatMap((line) => connection.receive(typeof line === 'string' ? line : JSON.stringify(line)));
}

/** The events of signals, each of which passes the schema. */
export function eventsOf(signals: readonly ProtocolSignal[]): AgentEventBody[] {
  const events = signals.flatMap((signal) => (signal.type === 'event' ? [signal.event] : []));
  events.forEach((event, n) => AgentEvent.parse({ ...event, v: 1, run: 'r', n, at: '2026-11-21T08:00:00.000Z' }));
  return events;
}

export const stream = (event: object, parent: string | null = null) => ({
  type: 'stream_event',
  event,
  parent_tool_use_id: parent,
});
export const begin = (id: string) => stream({ type: 'message_start', message: { id, usage: { input_tokens: 5 } } });
export const delta = (index: number, part: object) => stream({ type: 'content_block_delta', index, delta: part });
export const start = (index: number, block: object) =>
  stream({ type: 'content_block_start', index, content_block: block });
export const stop = (index: number) => stream({ type: 'content_block_stop', index });
export const whole = (id: string, content: readonly object[], more: object = {}) => ({
  type: 'assistant',
  message: { id, model: 'm', content },
  parent_tool_use_id: null,
  ...more,
});
export const result = (id: string, more: object = {}, line: object = {}) => ({
  type: 'user',
  message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'done', ...more }] },
  parent_tool_use_id: null,
  ...line,
});
export const call = (id: string, name: string, input: object = {}) => ({ type: 'tool_use', id, name, input });
export const state = (value: string) => ({ type: 'system', subtype: 'session_state_changed', state: value });
export const ask = (id: string, request: object) => ({ type: 'control_request', request_id: id, request });
export const initialized = (mode: string) => ({
  type: 'control_response',
  response: { subtype: 'success', request_id: 'aileron-initialize', response: { current_permission_mode: mode } },
});
