import { marked, type Token } from 'marked';

export interface MarkdownBlocks {
  readonly text: string;
  readonly tokens: readonly Token[];
}

export const NO_BLOCKS: MarkdownBlocks = { text: '', tokens: [] };

/**
 * The blocks of a text that grows at its end. It is read whole each time, because a line to come can change what a block
 * before it is; a block that says the same stays the same object, so that what draws it can tell that nothing changed.
 */
export function readBlocks(text: string, before: MarkdownBlocks = NO_BLOCKS): MarkdownBlocks {
  if (text === before.text) return before;
  const tokens = marked.lexer(text, { gfm: true, breaks: false }).map((token, index) => {
    const known = before.tokens[index];
    return known?.type === token.type && known.raw === token.raw ? known : token;
  });
  return { text, tokens };
}

const SAFE = /^(?:https?:|mailto:)/iu;

/** The address of a link if a person may follow it from here; null for scripts, data and what is relative. */
export function safeHref(href: string): string | null {
  return SAFE.test(href) && URL.canParse(href) ? href : null;
}
