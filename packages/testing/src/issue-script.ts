import { lastToolResults, toolResultText, type MessagesRequest, type ModelReply } from './anthropic-protocol.js';

/** What the model says next, from the whole conversation so far. */
export type ModelScript = (request: MessagesRequest) => ModelReply;

export const DEFAULT_ISSUE_TITLE = 'Broken link on the pricing page';
const MOST_ATTEMPTS = 5;

/**
 * A model that files one issue. It asks for the shell tool it was offered, then reads what the command really printed:
 * it repeats the identifier it finds there and cannot know one otherwise. Requests without a shell tool (clients ask
 * for titles and the like on the side) get a few words.
 */
export function issueScript(options: { title?: string } = {}): ModelScript {
  const command = `linear create-issue --title ${shellQuoted(options.title ?? DEFAULT_ISSUE_TITLE)}`;
  return (request) => {
    const shell = request.tools.find(({ name }) => name === 'Bash' || name === 'bash')?.name;
    if (shell === undefined) return { type: 'text', text: 'File an issue' };
    const results = lastToolResults(request).map(toolResultText);
    const ask = (text: string, flags = ''): ModelReply => {
      return {
        type: 'tool',
        text,
        name: shell,
        input: { command: command + flags, description: 'Create a Linear issue' },
      };
    };
    if (results.length === 0) return ask('I will file the issue.');
    const next = replyTo(results.join('\n'));
    if (next.type === 'text') return next;
    return attempts(request) < MOST_ATTEMPTS
      ? ask(next.why, next.flags)
      : { type: 'text', text: `I give up. ${next.why}` };
  };
}

type Next =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'again'; readonly why: string; readonly flags: string };

function replyTo(printed: string): Next {
  const created = /\b(?:ENG|OPS)-\d+\b/.exec(printed)?.[0];
  if (created !== undefined) return { type: 'text', text: `Created ${created}` };
  if (/APPROVAL_PENDING|has to approve|approval is pending/i.test(printed)) {
    return { type: 'again', why: 'It is not decided yet; I will try again.', flags: '' };
  }
  const team = /--team[a-z-]*/.exec(printed)?.[0];
  if (team !== undefined) return { type: 'again', why: 'It wants a team.', flags: ` ${team} ENG` };
  const line = printed.split('\n').find((text) => REFUSED.test(text));
  if (line !== undefined) return { type: 'text', text: `The request was refused: ${line.trim().slice(0, 300)}` };
  return { type: 'text', text: `The command failed: ${printed.trim().slice(0, 300) || 'it printed nothing'}` };
}

const REFUSED = /refused|denied|not allow|_REFUSED|_DENIED|OPERATION_|POLICY_|expired/i;

function attempts({ messages }: MessagesRequest): number {
  return messages.filter(({ content }) => Array.isArray(content) && content.some(({ type }) => type === 'tool_result'))
    .length;
}

const shellQuoted = (text: string) => `"${text.replaceAll(/["$`\\!]/g, '\\$&')}"`;
