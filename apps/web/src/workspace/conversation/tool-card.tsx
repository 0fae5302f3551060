import type { ToolItem } from '@aileron/contracts/agent-events';
import { classNames, VisibleText } from '@aileron/ui';
import {
  ChevronRight,
  Circle,
  CircleCheck,
  CircleSlash,
  CircleX,
  FileText,
  Globe,
  ListTodo,
  LoaderCircle,
  type LucideIcon,
  MessageCircleQuestion,
  PencilLine,
  Search,
  SquareTerminal,
  UsersRound,
  Wrench,
} from 'lucide-react';
import { t } from '../../i18n/translate.js';
import { DiffView } from '../changes/diff-view.js';
import { countChanges, hunksOfEdit } from '../changes/parse-diff.js';

const KINDS: Readonly<Record<ToolItem['kind'], LucideIcon>> = {
  read: FileText,
  edit: PencilLine,
  run: SquareTerminal,
  search: Search,
  fetch: Globe,
  plan: ListTodo,
  question: MessageCircleQuestion,
  delegate: UsersRound,
  other: Wrench,
};

const STATES: Readonly<
  Record<ToolItem['status'], { readonly word: string; readonly icon: LucideIcon; readonly tone: string }>
> = {
  preparing: { word: t('preparing'), icon: Circle, tone: 'text-muted' },
  running: { word: t('running'), icon: LoaderCircle, tone: 'text-accent [&>svg]:animate-spin' },
  ok: { word: t('done'), icon: CircleCheck, tone: 'text-good' },
  error: { word: t('failed'), icon: CircleX, tone: 'text-bad' },
  denied: { word: t('denied'), icon: CircleSlash, tone: 'text-warn' },
  interrupted: { word: t('interrupted'), icon: CircleSlash, tone: 'text-warn' },
};

/** One call of a tool: a line that says what and how it ended, and everything about it underneath. */
export const ToolCard = ({ tool }: { readonly tool: ToolItem }) => {
  const Kind = KINDS[tool.kind];
  const { word, icon: State, tone } = STATES[tool.status];
  const hunks = tool.diff === null ? [] : hunksOfEdit(tool.diff.hunks);
  const { added, removed } = countChanges(hunks);
  return (
    <details
      className={classNames(
        'group overflow-hidden rounded-md border border-line',
        tool.parentToolCallId !== null && 'ml-5',
      )}
      open={tool.diff !== null && added + removed <= 40 ? true : undefined}
    >
      <summary className="flex cursor-pointer list-none items-center gap-2 px-2.5 py-1.5 text-xs hover:bg-raised">
        <Kind aria-hidden className="size-3.5 shrink-0 text-muted" />
        <span className="shrink-0 font-medium">{tool.name}</span>
        <span className="min-w-0 truncate font-mono text-muted">
          <VisibleText text={tool.diff?.path ?? tool.title} />
        </span>
        {tool.diff !== null && (
          <span className="shrink-0 tabular-nums">
            <span className="text-good">+{added}</span> <span className="text-bad">−{removed}</span>
          </span>
        )}
        <span className={classNames('ml-auto flex shrink-0 items-center gap-1', tone)}>
          <State aria-hidden className="size-3.5" />
          {word}
        </span>
        <ChevronRight aria-hidden className="size-3.5 shrink-0 text-muted transition-transform group-open:rotate-90" />
      </summary>
      {tool.diff === null ? <ToolBody tool={tool} /> : <DiffBody tool={tool} hunks={hunks} />}
    </details>
  );
};

const DiffBody = ({ tool, hunks }: { readonly tool: ToolItem; readonly hunks: ReturnType<typeof hunksOfEdit> }) => (
  <div className="border-t border-line">
    <DiffView hunks={hunks} />
    {tool.diff?.truncated === true && <p className="px-3 py-1 text-xs text-warn">{t('More changed than is shown.')}</p>}
  </div>
);

const ToolBody = ({ tool }: { readonly tool: ToolItem }) => (
  <div className="flex flex-col gap-2 border-t border-line p-2.5">
    {tool.input !== null && <Plain label={t('Input')} text={inputText(tool.input)} />}
    {tool.inputTruncated && <p className="text-xs text-warn">{t('The input is longer than is shown.')}</p>}
    {tool.result !== null && <Plain label={t('Output')} text={tool.result.text} />}
    {tool.result !== null && tool.result.omitted > 0 && (
      <p className="text-xs text-warn">
        {t('{count} characters in its middle are left out.', { count: tool.result.omitted })}
      </p>
    )}
  </div>
);

/** A single text stands for itself; anything else is JSON. */
function inputText(input: NonNullable<ToolItem['input']>): string {
  const values = Object.values(input);
  const [only] = values;
  return values.length === 1 && typeof only === 'string' ? only : JSON.stringify(input, null, 2);
}

const Plain = ({ label, text }: { readonly label: string; readonly text: string }) => (
  <div>
    <p className="pb-0.5 text-xs text-muted">{label}</p>
    <pre
      tabIndex={0}
      role="group"
      aria-label={label}
      className="max-h-72 overflow-auto rounded bg-raised px-2 py-1.5 font-mono text-xs leading-5 break-words whitespace-pre-wrap"
    >
      <VisibleText text={text} />
    </pre>
  </div>
);
