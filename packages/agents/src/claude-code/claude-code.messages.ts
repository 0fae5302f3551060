import type { AgentEventBody } from '@aileron/contracts/agent-events';
import { boundedInput } from '../content/bounded-content.js';
import { messageEvents, textDeltas } from '@aileron/contracts/agent-events';
import type { AssistantLine, ContentBlock, StreamLine } from './claude-code.lines.js';
import { toolKind, toolTitle } from './claude-code.tools.js';

const MOST_STREAMS = 64;

type TextKind = 'text' | 'thinking';

interface Streamed {
  readonly kind: TextKind;
  text: string;
}

/** A message of the API as it arrives: first in deltas by block, then each block whole. */
interface OpenMessage {
  readonly id: string;
  readonly streamed: Map<number, Streamed>;
  openIndex: number | null;
  wholeBlocks: number;
}

/** What the agent says and calls, as events. One stream for the agent itself and one for each subagent. */
export class ClaudeMessages {
  private readonly streams = new Map<string | null, OpenMessage>();

  constructor(private readonly projectDirectory: string) {}

  onStream({ event, parent_tool_use_id: parent = null }: StreamLine): AgentEventBody[] {
    if (event.type === 'message_start' && event.message !== undefined) this.open(parent, event.message.id);
    const message = this.streams.get(parent);
    if (message === undefined || event.index === undefined) return [];
    if (event.type === 'content_block_start')
      return this.onBlockStart(message, event.index, event.content_block, parent);
    if (event.type === 'content_block_stop') message.openIndex = null;
    if (event.type !== 'content_block_delta') return [];
    const { type, text, thinking } = event.delta ?? {};
    if (type === 'text_delta') return this.onText(message, event.index, 'text', text ?? '', parent);
    if (type === 'thinking_delta') return this.onText(message, event.index, 'thinking', thinking ?? '', parent);
    return [];
  }

  private open(parent: string | null, id: string): OpenMessage {
    const message: OpenMessage = { id, streamed: new Map(), openIndex: null, wholeBlocks: 0 };
    this.streams.delete(parent);
    this.streams.set(parent, message);
    const [oldest] = this.streams.keys();
    if (this.streams.size > MOST_STREAMS && oldest !== undefined) this.streams.delete(oldest);
    return message;
  }

  private onBlockStart(
    message: OpenMessage,
    index: number,
    block: ContentBlock | undefined,
    parent: string | null,
  ): AgentEventBody[] {
    message.openIndex = index;
    if (block?.type !== 'tool_use' || block.id === undefined || block.name === undefined) return [];
    return [this.toolCall(block.id, block.name, null, parent)];
  }

  private onText(
    message: OpenMessage,
    index: number,
    kind: TextKind,
    text: string,
    parent: string | null,
  ): AgentEventBody[] {
    if (text === '') return [];
    const messageId = `${message.id}:${index}`;
    const streamed = message.streamed.get(index);
    if (streamed === undefined) {
      message.streamed.set(index, { kind, text });
      return messageEvents({ messageId, role: 'assistant', kind, done: false, parentToolCallId: parent }, text);
    }
    const offset = streamed.text.length;
    streamed.text += text;
    return textDeltas(messageId, offset, text);
  }

  /** Blocks come whole once they are over, one a line, in their order. */
  onWhole({
    message,
    parent_tool_use_id: parent = null,
    is_api_error_message: isError,
  }: AssistantLine): AgentEventBody[] {
    if (isError === true) return [];
    const known = this.streams.get(parent);
    const open = known?.id === message.id ? known : this.open(parent, message.id);
    return message.content.flatMap((block) => {
      const index = open.openIndex ?? open.wholeBlocks;
      open.wholeBlocks = Math.max(open.wholeBlocks, index + 1);
      return this.wholeBlock(open, index, block, parent);
    });
  }

  private wholeBlock(open: OpenMessage, index: number, block: ContentBlock, parent: string | null): AgentEventBody[] {
    if (block.type === 'tool_use' && block.id !== undefined && block.name !== undefined) {
      return [this.toolCall(block.id, block.name, block.input ?? {}, parent)];
    }
    const kind = block.type === 'thinking' ? 'thinking' : 'text';
    const text = block.type === 'thinking' ? block.thinking : block.text;
    if (text === undefined || text === '') return [];
    const messageId = `${open.id}:${index}`;
    const isTold = open.streamed.get(index)?.text === text;
    open.streamed.delete(index);
    if (isTold) return [{ type: 'message-done', messageId, interrupted: false }];
    return messageEvents({ messageId, role: 'assistant', kind, done: true, parentToolCallId: parent }, text);
  }

  private toolCall(
    toolCallId: string,
    name: string,
    input: Readonly<Record<string, unknown>> | null,
    parentToolCallId: string | null,
  ): AgentEventBody {
    const bounded = input === null ? null : boundedInput(input);
    return {
      type: 'tool-call',
      toolCallId,
      name,
      kind: toolKind(name),
      title: toolTitle(name, input ?? {}, this.projectDirectory),
      input: bounded?.input ?? null,
      inputTruncated: bounded?.truncated ?? false,
      parentToolCallId,
    };
  }

  /** The turn is over: nothing more of its messages comes. */
  reset(): void {
    this.streams.clear();
  }
}
