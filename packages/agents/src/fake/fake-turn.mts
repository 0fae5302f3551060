/**
 * What the fake agent does with a message: each line that begins with `/` is one thing to do; a message without one is
 * repeated. The same message does the same, always.
 */

export type Step =
  | { readonly do: 'say' | 'think' | 'notice' | 'fail' | 'print'; readonly text: string }
  | { readonly do: 'run' | 'exec'; readonly command: string }
  | { readonly do: 'wait'; readonly milliseconds: number }
  | { readonly do: 'write'; readonly path: string; readonly text: string }
  | { readonly do: 'ask'; readonly question: string; readonly options: readonly string[] }
  | { readonly do: 'plan'; readonly entries: readonly string[] }
  | { readonly do: 'output'; readonly bytes: number }
  | { readonly do: 'crash'; readonly code: number }
  | { readonly do: 'recall' };

const REPEATED_CHARACTERS = 500;
const MOST_MILLISECONDS = 3_600_000;
const MOST_BYTES = 64 << 20;

export function stepsOf(message: string): Step[] {
  const commands = message.split('\n').filter((line) => line.startsWith('/'));
  if (commands.length > 0) return commands.map(stepOf);
  return [{ do: 'say', text: `You said: ${message.trim().slice(0, REPEATED_CHARACTERS)}` }];
}

function stepOf(line: string): Step {
  const [, name = '', rest = ''] = /^\/([a-z]+)(?:\s+(.*))?$/.exec(line.trim()) ?? [];
  switch (name) {
    case 'say':
    case 'think':
    case 'notice':
    case 'fail':
    case 'print':
      return { do: name, text: rest };
    case 'run':
    case 'exec':
      return { do: name, command: rest };
    case 'wait':
      return { do: 'wait', milliseconds: numberIn(rest, MOST_MILLISECONDS) };
    case 'write': {
      const [path = '', ...words] = rest.split(' ');
      return { do: 'write', path, text: words.join(' ').replaceAll(String.raw`\n`, '\n') };
    }
    case 'ask': {
      const [question = '', ...options] = rest.split('|').map((part) => part.trim());
      return { do: 'ask', question: question === '' ? 'Which one?' : question, options };
    }
    case 'plan':
      return {
        do: 'plan',
        entries: rest
          .split(';')
          .map((part) => part.trim())
          .filter((part) => part !== ''),
      };
    case 'output':
      return { do: 'output', bytes: numberIn(rest, MOST_BYTES) };
    case 'crash':
      return { do: 'crash', code: numberIn(rest, 255) || 1 };
    case 'recall':
      return { do: 'recall' };
    default:
      return { do: 'say', text: `I cannot do that: ${line.slice(0, REPEATED_CHARACTERS)}` };
  }
}

function numberIn(text: string, most: number): number {
  const value = Number.parseInt(text, 10);
  return Number.isFinite(value) ? Math.min(Math.max(value, 0), most) : 0;
}
