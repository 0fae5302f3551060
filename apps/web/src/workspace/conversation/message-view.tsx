import type { MessageItem } from '@aileron/contracts/agent-events';
import { SkeletonRows, VisibleText } from '@aileron/ui';
import { Brain, ChevronRight } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { t } from '../../i18n/translate.js';

const Markdown = lazy(() => import('./markdown.js').then((module) => ({ default: module.Markdown })));

/** What a person or an agent said, or what the agent thought. */
export const MessageView = ({ message }: { readonly message: MessageItem }) => {
  if (message.role === 'user') return <PersonMessage message={message} />;
  if (message.kind === 'thinking') return <Thinking message={message} />;
  return (
    <article aria-label={t('Agent')} className="min-w-0">
      <Suspense fallback={<SkeletonRows rows={2} label={t('Loading')} />}>
        <Markdown text={message.text} />
      </Suspense>
      <MessageEnd message={message} />
    </article>
  );
};

const PersonMessage = ({ message }: { readonly message: MessageItem }) => (
  <article
    aria-label={t('You')}
    className="ml-8 self-end rounded-lg bg-raised px-3 py-2 break-words whitespace-pre-wrap"
  >
    <VisibleText text={message.text} />
    <MessageEnd message={message} />
  </article>
);

const Thinking = ({ message }: { readonly message: MessageItem }) => (
  <details className="group text-muted">
    <summary className="flex cursor-pointer list-none items-center gap-1.5 text-xs">
      <Brain aria-hidden className="size-3.5" />
      {message.done ? t('Thought') : t('Thinking…')}
      <ChevronRight aria-hidden className="size-3.5 transition-transform group-open:rotate-90" />
    </summary>
    <div className="mt-1.5 border-l-2 border-line pl-3 text-xs break-words whitespace-pre-wrap">
      <VisibleText text={message.text} />
    </div>
  </details>
);

const MessageEnd = ({ message }: { readonly message: MessageItem }) => (
  <>
    {message.omitted > 0 && (
      <p className="pt-1 text-xs text-warn">{t('{count} characters more are not kept.', { count: message.omitted })}</p>
    )}
    {message.interrupted && <p className="pt-1 text-xs text-warn">{t('Interrupted here.')}</p>}
  </>
);
