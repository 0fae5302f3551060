import type { PermissionMode, PromptAnswer, UserMessage } from '../conversation/agent-adapter.js';
import type { PromptEvent, ProtocolConnection, ProtocolSignal } from '../conversation/protocol-driver.js';
import { textDeltas } from '@aileron/contracts/agent-events';
import {
  type AgentEventBody,
  EVENT_LIMITS,
  type FileDiff,
  type PermissionSuggestion,
  type UsageTotals,
} from '@aileron/contracts/agent-events';
import { boundedInput, boundedText, boundedTitle } from '../content/bounded-content.js';
import { FakeLine } from './fake.lines.js';

type Line<T extends FakeLine['type']> = Extract<FakeLine, { type: T }>;

/** One process of the fake agent. */
export class FakeConnection implements ProtocolConnection {
  /** Characters of each text under way. */
  private readonly said = new Map<string, number>();

  constructor(private readonly mode: PermissionMode) {}

  opening(): string[] {
    return [];
  }

  encodeMessage({ messageId, text }: UserMessage): string {
    return JSON.stringify({ type: 'message', id: messageId, text });
  }

  encodeInterrupt(): string {
    return JSON.stringify({ type: 'interrupt' });
  }

  encodeAnswer({ promptId, decision, text, answers, suggestionIds = [] }: PromptAnswer): string {
    const remember = suggestionIds.length > 0 ? { remember: 'yes' } : {};
    return JSON.stringify({
      type: 'answer',
      id: promptId,
      allow: decision === 'allow',
      text,
      answers: { ...answers, ...remember },
    });
  }

  receive(line: string): readonly ProtocolSignal[] {
    const parsed = FakeLine.safeParse(parseJson(line));
    if (!parsed.success) return [{ type: 'unreadable', why: `not a line of the fake agent: ${line.slice(0, 200)}` }];
    return this.signals(parsed.data);
  }

  private signals(line: FakeLine): ProtocolSignal[] {
    switch (line.type) {
      case 'ready':
        if (line.mode === this.mode) return [{ type: 'ready', model: null }];
        return [{ type: 'unusable', reason: `It runs in the mode ${line.mode}.` }];
      case 'unknown':
        return [
          { type: 'conversation-unknown', reason: `There is no conversation ${line.conversation}.`.slice(0, 500) },
        ];
      case 'working':
      case 'idle':
        return [{ type: 'activity', activity: line.type }];
      case 'accepted':
        return [{ type: 'accepted', messageId: line.message, recorded: true }];
      case 'permission':
        return [{ type: 'prompt', prompt: permissionPrompt(line) }];
      case 'question':
        return [{ type: 'prompt', prompt: questionPrompt(line) }];
      case 'cancelled':
        return [{ type: 'prompt-cancelled', promptId: line.id }];
      case 'usage':
        return [{ type: 'usage', spent: spentOf(line), context: null }];
      default:
        return this.events(line).map((event) => ({ type: 'event', event }));
    }
  }

  private events(line: Line<'say' | 'said' | 'tool' | 'tool-done' | 'plan' | 'notice' | 'failed'>): AgentEventBody[] {
    switch (line.type) {
      case 'say':
        return this.say(line);
      case 'said':
        this.said.delete(line.id);
        return [{ type: 'message-done', messageId: line.id, interrupted: false }];
      case 'tool':
        return [toolCall(line)];
      case 'tool-done':
        return [toolResult(line)];
      case 'plan':
        return [planOf(line)];
      case 'notice':
        return [{ type: 'notice', level: 'info', code: line.code, text: line.text.slice(0, EVENT_LIMITS.note) }];
      case 'failed':
        return [{ type: 'error', code: 'turn-failed', text: line.text.slice(0, EVENT_LIMITS.note) }];
    }
  }

  private say({ id, text, thinking }: Line<'say'>): AgentEventBody[] {
    const offset = this.said.get(id) ?? 0;
    this.said.set(id, offset + text.length);
    const deltas = textDeltas(id, offset, text);
    if (offset > 0) return deltas;
    const kind = thinking ? 'thinking' : 'text';
    const begun = { messageId: id, role: 'assistant', kind, text: '', done: false, parentToolCallId: null } as const;
    return [{ type: 'message', ...begun }, ...deltas];
  }
}

function toolCall({ id, name, kind, title, input }: Line<'tool'>): AgentEventBody {
  const bounded = boundedInput(input);
  return {
    type: 'tool-call',
    toolCallId: id,
    name,
    kind,
    title: boundedTitle(title),
    input: bounded.input,
    inputTruncated: bounded.truncated,
    parentToolCallId: null,
  };
}

function toolResult({ id, outcome, text, diff }: Line<'tool-done'>): AgentEventBody {
  const bounded = boundedText(text, EVENT_LIMITS.resultText);
  return {
    type: 'tool-result',
    toolCallId: id,
    outcome,
    ...bounded,
    diff: diff === undefined ? null : wholeFile(diff),
  };
}

/** All old lines out, all new ones in. */
function wholeFile({ path, before, after }: NonNullable<Line<'tool-done'>['diff']>): FileDiff {
  const half = EVENT_LIMITS.diffText / 2;
  const removed = linesOf((before ?? '').slice(0, half));
  const added = linesOf(after.slice(0, half));
  const lines = [...removed.map((line) => `-${line}`), ...added.map((line) => `+${line}`)];
  const hunk = {
    oldStart: before === null ? 0 : 1,
    oldLines: removed.length,
    newStart: 1,
    newLines: added.length,
    lines,
  };
  const truncated = (before ?? '').length > half || after.length > half;
  return {
    path: path.slice(0, EVENT_LIMITS.path),
    change: before === null ? 'create' : 'update',
    hunks: [hunk],
    truncated,
  };
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

function permissionPrompt(line: Line<'permission'>): PromptEvent {
  const { input, truncated } = boundedInput(line.input);
  return {
    type: 'permission-request',
    promptId: line.id,
    toolCallId: line.tool,
    parentToolCallId: null,
    tool: line.name,
    kind: line.kind,
    title: boundedTitle(line.title),
    input,
    inputTruncated: truncated,
    suggestions: line.remember.map((label, i): PermissionSuggestion => ({
      id: `${i}`,
      label: boundedTitle(label),
      scope: 'conversation',
    })),
  };
}

function questionPrompt({ id, question, options }: Line<'question'>): PromptEvent {
  const shown = options.map((label) => ({ label: boundedTitle(label), description: '' }));
  const asked = { question: question.slice(0, EVENT_LIMITS.questionText), header: '', several: false, options: shown };
  return { type: 'question', promptId: id, toolCallId: null, parentToolCallId: null, questions: [asked] };
}

function spentOf({ input, output, costUsd }: Line<'usage'>): UsageTotals {
  return { inputTokens: input, outputTokens: output, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd };
}

function planOf({ entries }: Line<'plan'>): AgentEventBody {
  const kept = entries.slice(0, EVENT_LIMITS.planEntries);
  const numbered = kept.map(({ text, status }, i) => ({
    id: `${i + 1}`,
    text: boundedTitle(text, EVENT_LIMITS.planText),
    status,
  }));
  return { type: 'plan', entries: numbered, truncated: kept.length < entries.length };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
