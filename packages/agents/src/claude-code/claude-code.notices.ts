import { type AgentEventBody, EVENT_LIMITS } from '@aileron/contracts/agent-events';
import { boundedText } from '../content/bounded-content.js';
import type { SystemLine, UserLine } from './claude-code.lines.js';

/** What a person should know beside the conversation itself. */
export function systemNotices(line: SystemLine): AgentEventBody[] {
  switch (line.subtype) {
    case 'api_retry':
      return [notice('warning', 'model-retry', retryText(line))];
    case 'compact_boundary':
      return [notice('info', 'context-compacted', 'The conversation was summarised to make room.')];
    case 'task_notification':
      return line.summary === undefined ? [] : [notice('info', 'background-task', line.summary)];
    default:
      return [];
  }
}

function retryText({
  attempt = 0,
  max_retries: most = 0,
  retry_delay_ms: delay = 0,
  error_status: status,
  error,
}: SystemLine): string {
  const what = typeof error === 'string' ? error : 'unknown';
  const answered =
    typeof status === 'number' ? `The model answered ${status} (${what})` : `The model did not answer (${what})`;
  return `${answered}; attempt ${attempt} of ${most}, again in ${Math.ceil(delay / 1_000)} s.`;
}

const INTERRUPTED = /^\[Request interrupted by user/;
const PRINTED = /^<local-command-std(?:out|err)>([^]*)<\/local-command-std(?:out|err)>$/;

/** Lines the agent writes in the user's name. */
export function userNotices({ message, isReplay }: UserLine): AgentEventBody[] {
  const texts = typeof message.content === 'string' ? [message.content] : message.content.map(({ text }) => text ?? '');
  return texts.flatMap((text) => {
    if (isReplay !== true && INTERRUPTED.test(text))
      return [notice('info', 'interrupted', 'The turn was interrupted.')];
    const printed = PRINTED.exec(text)?.[1]?.trim() ?? '';
    return printed === '' ? [] : [notice('info', 'command-output', printed)];
  });
}

function notice(level: 'info' | 'warning', code: string, text: string): AgentEventBody {
  return { type: 'notice', level, code, text: boundedText(text, EVENT_LIMITS.note).text };
}
