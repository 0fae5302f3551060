import { type ConversationView, totalUsage } from '@aileron/contracts/agent-events';
import { Button, classNames, VisibleText } from '@aileron/ui';
import { ChevronRight, CircleCheck, CircleDashed, CircleDot, Clock } from 'lucide-react';
import type { ReactNode } from 'react';
import { t } from '../../i18n/translate.js';
import { formatCount, formatMoney } from '../../time/format.js';
import type { Outbox } from './outbox.js';

const PLAN_ICONS: Readonly<Record<ConversationView['plan'][number]['status'], ReactNode>> = {
  pending: <CircleDashed aria-hidden className="text-muted" />,
  'in-progress': <CircleDot aria-hidden className="text-accent" />,
  completed: <CircleCheck aria-hidden className="text-good" />,
};

/** The agent's plan, above what it says. */
export const Plan = ({ plan }: Pick<ConversationView, 'plan'>) => {
  if (plan.length === 0) return null;
  const done = plan.filter(({ status }) => status === 'completed').length;
  const now = plan.find(({ status }) => status === 'in-progress');
  return (
    <details className="group shrink-0 border-b border-line px-4 py-2 text-xs">
      <summary className="flex cursor-pointer list-none items-center gap-2">
        <ChevronRight aria-hidden className="size-3.5 transition-transform group-open:rotate-90" />
        <span className="shrink-0 font-medium">{t('Plan {done}/{count}', { done, count: plan.length })}</span>
        <span className="truncate text-muted group-open:hidden">
          {now !== undefined && <VisibleText text={now.text} />}
        </span>
      </summary>
      <ol className="flex max-h-48 flex-col gap-1 overflow-y-auto pt-2 pl-5">
        {plan.map(({ id, text, status }) => (
          <li key={id} className="flex items-start gap-2 [&_svg]:mt-0.5 [&_svg]:size-3.5 [&_svg]:shrink-0">
            {PLAN_ICONS[status]}
            <span className={classNames(status === 'completed' && 'text-muted line-through')}>
              <VisibleText text={text} />
            </span>
          </li>
        ))}
      </ol>
    </details>
  );
};

/** What was written and is not yet the agent's: on its way, refused, or waiting for its turn. */
export const Waiting = ({ view, outbox }: { readonly view: ConversationView; readonly outbox: Outbox }) => (
  <>
    {outbox.outgoing.map(({ messageId, text, failure }) => (
      <div key={messageId} className="ml-8 flex flex-col items-end gap-1 self-end">
        <p className="rounded-lg border border-dashed border-line px-3 py-2 break-words whitespace-pre-wrap text-muted">
          <VisibleText text={text} />
        </p>
        {failure === null ? (
          <span className="text-xs text-muted">{t('Sending…')}</span>
        ) : (
          <span role="alert" className="flex items-center gap-2 text-xs text-bad">
            {t('Not sent: {reason}', { reason: failure })}
            <Button size="small" onClick={() => outbox.retry(messageId)}>
              {t('Try again')}
            </Button>
            <Button size="small" tone="quiet" onClick={() => outbox.discard(messageId)}>
              {t('Discard')}
            </Button>
          </span>
        )}
      </div>
    ))}
    {view.queue.length > 0 && (
      <ol aria-label={t('Queue')} className="flex flex-col gap-1 text-xs text-muted">
        {view.queue.map(({ messageId, text }) => (
          <li key={messageId} className="flex items-start gap-2">
            <Clock aria-hidden className="mt-0.5 size-3.5 shrink-0" />
            <span className="line-clamp-2 min-w-0 break-words">
              {t('Queued:')} <VisibleText text={text} />
            </span>
          </li>
        ))}
      </ol>
    )}
  </>
);

/** How full the context is, and what the conversation cost by the agent's own account. */
export const Gauge = ({ view }: { readonly view: ConversationView }) => {
  const { context } = view.usage;
  const total = totalUsage(view);
  const share = context === null || context.window === 0 ? null : Math.min(1, context.tokens / context.window);
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1 px-1 pt-1.5 text-xs text-muted">
      {view.model !== null && <span className="font-mono">{view.model}</span>}
      {share !== null && (
        <label className="flex items-center gap-1.5">
          {t('Context')}
          <meter
            className="h-2 w-16"
            min={0}
            max={1}
            high={0.8}
            value={share}
            title={t('{tokens} of {window} tokens', {
              tokens: formatCount(context?.tokens ?? 0),
              window: formatCount(context?.window ?? 0),
            })}
          />
          {Math.round(share * 100)} %
        </label>
      )}
      <span className="tabular-nums">
        {t('{input} in, {output} out', {
          input: formatCount(total.inputTokens),
          output: formatCount(total.outputTokens),
        })}
      </span>
      {total.costUsd !== null && <span className="tabular-nums">{formatMoney(total.costUsd)}</span>}
    </div>
  );
};
