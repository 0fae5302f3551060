import type { z } from 'zod';
import type { PermissionMode, PromptAnswer, UserMessage } from '../conversation/agent-adapter.js';
import type { ProtocolConnection, ProtocolSignal } from '../conversation/protocol-driver.js';
import { withoutControls } from '../process/without-controls.js';
import type { AgentEventBody } from '@aileron/contracts/agent-events';
import {
  AssistantLine,
  ControlCancelLine,
  ControlRequestLine,
  ControlResponseLine,
  LifecycleLine,
  ResultLine,
  StreamLine,
  SystemLine,
  ToolPermission,
  UserLine,
} from './claude-code.lines.js';
import { ClaudeMessages } from './claude-code.messages.js';
import { CLAUDE_MODE_REPORTED } from './claude-code.modes.js';
import { systemNotices, userNotices } from './claude-code.notices.js';
import type { ClaudePlan } from './claude-code.plan.js';
import { ClaudePrompts } from './claude-code.prompts.js';
import { ClaudeResults } from './claude-code.results.js';
import { toolResults } from './claude-code.tool-results.js';

const INITIALIZE = 'aileron-initialize';
const INTERRUPT = 'aileron-interrupt';

export interface ClaudeConnectionOptions {
  readonly projectDirectory: string;
  readonly mode: PermissionMode;
  readonly conversationId: string;
  readonly plan: ClaudePlan;
}

/** One process of Claude Code: stream-json both ways, with control requests and responses between. */
export class ClaudeConnection implements ProtocolConnection {
  private readonly messages: ClaudeMessages;
  private readonly prompts: ClaudePrompts;
  private readonly results = new ClaudeResults();
  /** Of a tool call: the call whose subagent made it. */
  private readonly parents = new Map<string, string>();
  private conversationId: string;
  private interrupting = false;

  constructor(private readonly options: ClaudeConnectionOptions) {
    this.messages = new ClaudeMessages(options.projectDirectory);
    this.prompts = new ClaudePrompts(options.projectDirectory);
    this.conversationId = options.conversationId;
  }

  opening(): string[] {
    return [controlRequest(INITIALIZE, 'initialize')];
  }

  encodeMessage({ messageId, text }: UserMessage): string {
    const message = { role: 'user', content: [{ type: 'text', text }] };
    return JSON.stringify({ type: 'user', uuid: messageId, session_id: '', parent_tool_use_id: null, message });
  }

  encodeInterrupt(): string {
    this.interrupting = true;
    return controlRequest(INTERRUPT, 'interrupt');
  }

  encodeAnswer(answer: PromptAnswer): string {
    return this.prompts.encode(answer);
  }

  receive(line: string): readonly ProtocolSignal[] {
    const value = parseObject(line);
    if (value === null) return [unreadable('not a JSON object', line)];
    const read = <T>(
      schema: z.ZodType<T>,
      use: (parsed: T) => readonly ProtocolSignal[],
    ): readonly ProtocolSignal[] => {
      const parsed = schema.safeParse(value);
      return parsed.success ? use(parsed.data) : [unreadable(firstIssue(parsed.error), line)];
    };
    switch (value['type']) {
      case 'stream_event':
        return read(StreamLine, (stream) => this.onStream(stream));
      case 'assistant':
        return read(AssistantLine, (assistant) => this.onAssistant(assistant));
      case 'user':
        return read(UserLine, (user) => this.onUser(user));
      case 'result':
        return read(ResultLine, (result) => [
          ...this.onSession(result.session_id, null),
          ...this.results.onResult(result),
        ]);
      case 'system':
        return read(SystemLine, (system) => this.onSystem(system));
      case 'command_lifecycle':
        return read(LifecycleLine, onLifecycle);
      case 'control_request':
        return read(ControlRequestLine, ({ request_id: id, request }) => this.onRequest(id, request));
      case 'control_cancel_request':
        return read(ControlCancelLine, ({ request_id: id }) => this.onCancel(id));
      case 'control_response':
        return read(ControlResponseLine, (response) => this.onResponse(response));
      default:
        // A kind of a newer version: nothing that is needed.
        return [];
    }
  }

  private onStream(line: StreamLine): ProtocolSignal[] {
    this.results.onStream(line);
    return asSignals(this.messages.onStream(line));
  }

  private onAssistant(line: AssistantLine): ProtocolSignal[] {
    this.plan.onCalls(line);
    const parent = line.parent_tool_use_id ?? null;
    for (const { type, id } of line.message.content) {
      if (type === 'tool_use' && id !== undefined && parent !== null) this.parents.set(id, parent);
    }
    return asSignals(this.messages.onWhole(line));
  }

  private get plan(): ClaudePlan {
    return this.options.plan;
  }

  private onUser(line: UserLine): ProtocolSignal[] {
    const { projectDirectory } = this.options;
    const results = toolResults(line, { interrupting: this.interrupting, projectDirectory });
    const events = [...results, ...this.plan.onResult(line), ...userNotices(line)];
    if (line.isReplay !== true || line.uuid === undefined) return asSignals(events);
    return [{ type: 'accepted', messageId: line.uuid, recorded: true }, ...asSignals(events)];
  }

  private onSystem(line: SystemLine): ProtocolSignal[] {
    const events = asSignals(systemNotices(line));
    if (line.subtype === 'init') return [...this.onSession(line.session_id, line.model ?? null), ...events];
    if (line.subtype !== 'session_state_changed') return events;
    // `requires_action` is told by the request that it waits for.
    if (line.state === 'running') return [{ type: 'activity', activity: 'working' }];
    return line.state === 'idle' ? [this.onIdle()] : [];
  }

  private onIdle(): ProtocolSignal {
    this.interrupting = false;
    this.messages.reset();
    this.parents.clear();
    return { type: 'activity', activity: 'idle' };
  }

  /** /clear begins a conversation of another id in the same process. */
  private onSession(sessionId: string | undefined, model: string | null): ProtocolSignal[] {
    if (sessionId === undefined || (sessionId === this.conversationId && model === null)) return [];
    this.conversationId = sessionId;
    return [{ type: 'conversation', conversationId: sessionId, model }];
  }

  private onRequest(promptId: string, request: { readonly subtype: string }): ProtocolSignal[] {
    const permission = ToolPermission.safeParse(request);
    if (!permission.success) {
      const error = `Not supported here: ${request.subtype.slice(0, 64)}`;
      const response = { subtype: 'error', request_id: promptId, error };
      return [{ type: 'reply', line: JSON.stringify({ type: 'control_response', response }) }];
    }
    const parent = this.parents.get(permission.data.tool_use_id ?? '') ?? null;
    return [{ type: 'prompt', prompt: this.prompts.onRequest(promptId, permission.data, parent) }];
  }

  private onCancel(promptId: string): ProtocolSignal[] {
    this.prompts.onCancelled(promptId);
    return [{ type: 'prompt-cancelled', promptId }];
  }

  /** Our own answers are echoed too; only the answer to `initialize` says something. */
  private onResponse({ response }: ControlResponseLine): ProtocolSignal[] {
    if (response.request_id !== INITIALIZE) return [];
    if (response.subtype !== 'success')
      return [{ type: 'unusable', reason: (response.error ?? 'It did not initialize.').slice(0, 500) }];
    const reported = response.response?.current_permission_mode;
    if (reported === CLAUDE_MODE_REPORTED[this.options.mode]) return [{ type: 'ready', model: null }];
    return [
      {
        type: 'unusable',
        reason: `It runs in the mode ${String(reported).slice(0, 64)}, not in ${this.options.mode}.`,
      },
    ];
  }
}

function onLifecycle({ command_uuid: messageId, state }: { command_uuid: string; state: string }): ProtocolSignal[] {
  return state === 'started' || state === 'completed' || state === 'cancelled'
    ? [{ type: 'accepted', messageId, recorded: false }]
    : [];
}

function controlRequest(id: string, subtype: string): string {
  return JSON.stringify({ type: 'control_request', request_id: id, request: { subtype } });
}

const asSignals = (events: readonly AgentEventBody[]): ProtocolSignal[] =>
  events.map((event) => ({ type: 'event', event }));

function parseObject(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function unreadable(why: string, line: string): ProtocolSignal {
  const shown = withoutControls(line.slice(0, 200));
  return { type: 'unreadable', why: `${why.slice(0, 200)}: ${shown}` };
}

function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is not valid'}`.trim();
}
