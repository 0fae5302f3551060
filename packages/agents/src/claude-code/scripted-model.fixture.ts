import type { ModelReply, ModelScript } from '@aileron/testing';
import type { ConformancePrompts } from '../testing/conformance-subject.js';

/**
 * A model that does what the user's last message says in JSON, so that the conformance suite can drive an agent with a
 * model behind it: `!{"say": …}`, `!{"tool": …, "input": …}`. After a tool it says what the tool answered.
 */
type Order =
  | { readonly say: string }
  | { readonly recall: true }
  | { readonly tools: readonly { readonly name: string; readonly input: Readonly<Record<string, unknown>> }[] };

const order = (value: Order): string => `!${JSON.stringify(value)}`;
const tool = (name: string, input: Readonly<Record<string, unknown>>): string => order({ tools: [{ name, input }] });

/** An order to call these tools, one after the other. */
export const callTools = (...tools: Extract<Order, { tools: unknown }>['tools']): string => order({ tools });

export function claudePrompts(projectDirectory: string): ConformancePrompts {
  return {
    say: (text) => order({ say: text }),
    run: (command) => tool('Bash', { command, description: 'Do it' }),
    write: (path, text) => tool('Write', { file_path: `${projectDirectory}/${path}`, content: text }),
    ask: (question, options) => tool('AskUserQuestion', { questions: [questionOf(question, options)] }),
    plan: (entries) =>
      order({ tools: entries.map((subject) => ({ name: 'TaskCreate', input: { subject, description: subject } })) }),
    output: (bytes) => tool('Bash', { command: `head -c ${bytes} /dev/zero | tr '\\0' x`, description: 'Read much' }),
    recall: () => order({ recall: true }),
  };
}

function questionOf(question: string, options: readonly string[]) {
  const shown = options.map((label) => ({ label, description: label }));
  return { question, header: 'A question', multiSelect: false, options: shown };
}

export const scriptedModel: ModelScript = (request) => {
  const users = request.messages.filter(({ role }) => role === 'user').map(({ content }) => content);
  const orders = users.flatMap(ordersOf);
  const current = orders.at(-1);
  if (request.tools.length === 0 || current === undefined) return { type: 'text', text: 'A title' };
  if ('say' in current) return { type: 'text', text: current.say };
  if ('recall' in current) return { type: 'text', text: `The first was ${JSON.stringify(orders[0])}` };
  const results = resultsSince(users);
  const call = current.tools[results.length];
  if (call !== undefined) return { type: 'tool', name: call.name, input: call.input } satisfies ModelReply;
  return { type: 'text', text: `The tool said: ${results.at(-1)?.slice(0, 1_000) ?? ''}` };
};

type Content = Parameters<ModelScript>[0]['messages'][number]['content'];

const textsOf = (content: Content): string[] =>
  typeof content === 'string'
    ? [content]
    : content.flatMap((block) => (block.type === 'text' && 'text' in block ? [String(block.text)] : []));

function ordersOf(content: Content): Order[] {
  return textsOf(content).flatMap((text) => {
    const [line = ''] = text.split('\n');
    return line.startsWith('!{') ? [JSON.parse(line.slice(1)) as Order] : [];
  });
}

/** Results of the tools that were called since the last order. */
function resultsSince(users: readonly Content[]): string[] {
  const from = users.findLastIndex((content) => ordersOf(content).length > 0);
  return users.slice(from).flatMap((content) => {
    if (typeof content === 'string') return [];
    const lastOrder = content.findLastIndex((block) => block.type === 'text' && ordersOf([block]).length > 0);
    return content
      .slice(lastOrder + 1)
      .flatMap((block) => (block.type === 'tool_result' ? [JSON.stringify(block)] : []));
  });
}
