// The texts in the page's source: those that are looked up, and those that stand there as they are.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

export interface SourceTexts {
  /** Keys of `t('…')`, with where they are used. */
  readonly keys: ReadonlyMap<string, string>;
  /** `file: text` of what a person reads or hears and no catalogue has; calls of `t` whose text is not written there. */
  readonly untranslated: readonly string[];
}

const SPOKEN = new Set(['aria-label', 'label', 'title', 'placeholder', 'confirm', 'closeLabel', 'description', 'alt']);
/** Names, keys and examples: the same in each language. */
const NAMES = new Set(['Aileron', 'Esc', 'Ctrl+Enter', 'fix-login', 'ses_…', 'linear.create_issue']);
const isText = (value: unknown): value is string =>
  typeof value === 'string' && /\p{L}{2}/u.test(value) && !NAMES.has(value.trim());

/** Of a file of TypeScript with JSX. */
export function textsOf(file: string, source: string): SourceTexts {
  const keys = new Map<string, string>();
  const untranslated: string[] = [];
  const visit = (node: Node, inCode: boolean): void => {
    if (node.type === 'CallExpression' && (node['callee'] as Node)['name'] === 't') {
      const [text] = node['arguments'] as Node[];
      if (text?.type === 'Literal') keys.set(String(text['value']), file);
      else untranslated.push(`${file}: t of something that is not written there`);
    }
    if (node.type === 'JSXText' && !inCode && isText(node['value']))
      untranslated.push(`${file}: ${node['value'].trim()}`);
    if (node.type === 'JSXAttribute' && SPOKEN.has(String((node['name'] as Node)['name']))) {
      const value = (node['value'] as Node | null)?.['value'];
      if (isText(value)) untranslated.push(`${file}: ${value}`);
    }
    const opening = node['openingElement'] as Node | undefined;
    const isCode = (opening?.['name'] as Node | undefined)?.['name'] === 'code';
    for (const child of Object.values(node).flat()) if (isNode(child)) visit(child, inCode || isCode);
  };
  visit(parseSync(file, source).program as unknown as Node, false);
  return { keys, untranslated };
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value;

/** Of the whole page. */
export function textsOfPage(): SourceTexts {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (path) => /\.tsx?$/.test(path) && !/\.(test|fixture)\.ts$/.test(path),
  );
  const all = files.map((path) => textsOf(path, readFileSync(`${root}/${path}`, 'utf8')));
  return {
    keys: new Map(all.flatMap(({ keys }) => [...keys])),
    untranslated: all.flatMap(({ untranslated }) => untranslated),
  };
}
