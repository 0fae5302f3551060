import type { ProtocolSignal } from '../conversation/protocol-driver.js';
import { boundedText } from '../content/bounded-content.js';
import { addUsage, EVENT_LIMITS, NO_USAGE } from '@aileron/contracts/agent-events';
import type { ApiUsage, ResultLine, StreamLine } from './claude-code.lines.js';

const UNKNOWN_CONVERSATION = /^No conversation found/;

/** How a turn ended: what it cost, and what went wrong in it. */
export class ClaudeResults {
  private contextTokens = 0;

  /** The context is as large as the last request of the agent itself. */
  onStream({ event, parent_tool_use_id: parent }: StreamLine): void {
    const usage = event.message?.usage ?? event.usage;
    if (usage !== null && usage !== undefined && (parent ?? null) === null) this.contextTokens = contextOf(usage);
  }

  onResult(line: ResultLine): ProtocolSignal[] {
    const unknown = line.errors?.find((error) => UNKNOWN_CONVERSATION.test(error));
    if (unknown !== undefined) return [{ type: 'conversation-unknown', reason: unknown.slice(0, EVENT_LIMITS.reason) }];
    return [...this.usage(line), ...failure(line)];
  }

  private usage({ model_usage_since_last_result: models = {} }: ResultLine): ProtocolSignal[] {
    const used = Object.values(models);
    if (used.length === 0) return [];
    const spent = used
      .map((each) => ({
        inputTokens: each.inputTokens,
        outputTokens: each.outputTokens,
        cacheReadTokens: each.cacheReadInputTokens,
        cacheWriteTokens: each.cacheCreationInputTokens,
        costUsd: each.costUSD,
      }))
      .reduce(addUsage, NO_USAGE);
    const window = Math.max(...used.map(({ contextWindow = 0 }) => contextWindow));
    return [{ type: 'usage', spent, context: window > 0 ? { tokens: this.contextTokens, window } : null }];
  }
}

function contextOf(usage: ApiUsage): number {
  const { input_tokens: input, cache_read_input_tokens: read, cache_creation_input_tokens: written } = usage;
  return (input ?? 0) + (read ?? 0) + (written ?? 0) + (usage.output_tokens ?? 0);
}

function failure(line: ResultLine): ProtocolSignal[] {
  if (!line.is_error || line.terminal_reason?.startsWith('aborted') === true) return [];
  const code = line.terminal_reason === 'api_error' ? 'model-failed' : 'turn-failed';
  const said = line.result ?? line.errors?.join('\n') ?? '';
  const { text } = boundedText(said === '' ? line.subtype : said, EVENT_LIMITS.note);
  return [{ type: 'event', event: { type: 'error', code, text } }];
}
