import { VisibleText } from '@aileron/ui';
import type { Token, Tokens } from 'marked';
import { Fragment, memo, type ReactNode, useRef } from 'react';
import { t } from '../../i18n/translate.js';
import { CopyButton } from '../../shell/copy-button.js';
import { NO_BLOCKS, readBlocks, safeHref } from './markdown-blocks.js';

/**
 * Markdown of an agent as elements of ours: there is no way from it to HTML. Tags are shown as text, images are links (nothing
 * is loaded from elsewhere), and hidden characters are shown as what they are.
 */
export const Markdown = ({ text }: { readonly text: string }) => {
  const last = useRef(NO_BLOCKS);
  last.current = readBlocks(text, last.current);
  return (
    <div className="flex min-w-0 flex-col gap-2.5 break-words">
      {last.current.tokens.map((token, index) => (
        <Block key={index} token={token} />
      ))}
    </div>
  );
};

/** Drawn again only when its token is another one. */
const Block = memo(({ token }: { readonly token: Token }): ReactNode => {
  switch (token.type) {
    case 'space':
    case 'def':
      return null;
    case 'heading':
      return <p className="pt-1 font-semibold">{inline((token as Tokens.Heading).tokens)}</p>;
    case 'paragraph':
      return <p>{inline((token as Tokens.Paragraph).tokens)}</p>;
    case 'code':
      return <CodeBlock code={token as Tokens.Code} />;
    case 'blockquote':
      return <blockquote className="border-l-2 border-line pl-3 text-muted">{blocks(token.tokens)}</blockquote>;
    case 'list':
      return <List list={token as Tokens.List} />;
    case 'table':
      return <Table table={token as Tokens.Table} />;
    case 'hr':
      return <hr className="border-line" />;
    case 'text':
      return (
        <>{token.tokens === undefined ? <VisibleText text={(token as Tokens.Text).text} /> : inline(token.tokens)}</>
      );
    default:
      return (
        <pre className="font-mono text-xs whitespace-pre-wrap text-muted">
          <VisibleText text={token.raw} />
        </pre>
      );
  }
});
Block.displayName = 'Block';

const blocks = (tokens: readonly Token[] = []): ReactNode =>
  tokens.map((token, index) => <Block key={index} token={token} />);

const List = ({ list }: { readonly list: Tokens.List }) => {
  const items = list.items.map((item, index) => (
    <li key={index} className="pl-1">
      {item.task && (
        <input
          type="checkbox"
          checked={item.checked === true}
          readOnly
          disabled
          aria-label={item.checked === true ? t('done') : t('to do')}
          className="mr-1.5"
        />
      )}
      {blocks(item.tokens.filter(({ type }) => type !== 'checkbox'))}
    </li>
  ));
  if (list.ordered) {
    return (
      <ol start={list.start === '' ? 1 : list.start} className="flex list-decimal flex-col gap-1 pl-6">
        {items}
      </ol>
    );
  }
  return <ul className="flex list-disc flex-col gap-1 pl-5">{items}</ul>;
};

const Table = ({ table }: { readonly table: Tokens.Table }) => (
  <div className="overflow-x-auto" role="group" aria-label={t('Table')} tabIndex={0}>
    <table className="border-collapse text-left text-xs">
      <thead>
        <tr>
          {table.header.map((cell, index) => (
            <th key={index} scope="col" className="border border-line bg-raised px-2 py-1 font-semibold">
              {inline(cell.tokens)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {table.rows.map((row, index) => (
          <tr key={index}>
            {row.map((cell, column) => (
              <td key={column} className="border border-line px-2 py-1">
                {inline(cell.tokens)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

const CodeBlock = ({ code }: { readonly code: Tokens.Code }) => (
  <figure className="overflow-hidden rounded-md border border-line">
    <figcaption className="flex items-center border-b border-line bg-raised py-0.5 pr-1 pl-3 font-mono text-xs text-muted">
      <VisibleText text={code.lang ?? ''} />
      <CopyButton text={code.text} className="ml-auto" />
    </figcaption>
    <pre
      className="max-h-96 overflow-auto px-3 py-2 font-mono text-xs leading-5"
      tabIndex={0}
      role="group"
      aria-label={t('Code')}
    >
      <code>
        <VisibleText text={code.text} />
      </code>
    </pre>
  </figure>
);

const inline = (tokens: readonly Token[] = []): ReactNode =>
  tokens.map((token, index) => <Fragment key={index}>{inlineOf(token)}</Fragment>);

function inlineOf(token: Token): ReactNode {
  switch (token.type) {
    case 'strong':
      return <strong className="font-semibold">{inline(token.tokens)}</strong>;
    case 'em':
      return <em>{inline(token.tokens)}</em>;
    case 'del':
      return <del>{inline(token.tokens)}</del>;
    case 'br':
      return <br />;
    case 'codespan':
      return (
        <code className="rounded bg-raised px-1 py-0.5 font-mono text-[0.9em]">
          <VisibleText text={(token as Tokens.Codespan).text} />
        </code>
      );
    case 'link':
      return <SafeLink href={(token as Tokens.Link).href}>{inline(token.tokens)}</SafeLink>;
    case 'image':
      return (
        <SafeLink href={(token as Tokens.Image).href}>
          {t('image: {text}', { text: (token as Tokens.Image).text })}
        </SafeLink>
      );
    case 'escape':
      return <VisibleText text={(token as Tokens.Escape).text} />;
    case 'text':
      return token.tokens === undefined ? <VisibleText text={(token as Tokens.Text).text} /> : inline(token.tokens);
    default:
      return <VisibleText text={token.raw} />;
  }
}

/** Where it leads is shown beside it, whatever its text says. */
const SafeLink = ({ href, children }: { readonly href: string; readonly children: ReactNode }) => {
  const safe = safeHref(href);
  if (safe === null) return <>{children}</>;
  return (
    <a href={safe} target="_blank" rel="noreferrer noopener" title={safe} className="text-accent underline">
      {children}
    </a>
  );
};
