import type { ConversationView } from '@aileron/contracts/agent-events';
import { Button } from '@aileron/ui';
import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { t } from '../../i18n/translate.js';
import { ItemView } from './item-view.js';

const NEAR_PX = 80;

/** Stays at the end of what grows, until somebody scrolls away from it. */
function useFollowing(grows: readonly unknown[]) {
  const scroller = useRef<HTMLDivElement>(null);
  const [follows, setFollows] = useState(true);
  useEffect(() => {
    const element = scroller.current;
    if (follows && element !== null) element.scrollTop = element.scrollHeight;
  }, [follows, ...grows]);
  const onScroll = ({ currentTarget: element }: { readonly currentTarget: HTMLElement }) =>
    setFollows(element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX);
  return { scroller, follows, follow: () => setFollows(true), onScroll };
}

interface ListProps {
  readonly view: ConversationView;
  readonly agentSessionId: string;
  /** After the last item. */
  readonly children: ReactNode;
}

/** The items, of which only those in sight are drawn; it stays at its end unless somebody scrolled away. */
export const MessageList = ({ view, agentSessionId, children }: ListProps) => {
  const element = useRef<HTMLDivElement>(null);
  const { items, droppedItems } = view;
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => element.current,
    estimateSize: () => 72,
    getItemKey: (index) => items[index]?.key ?? index,
    overscan: 6,
  });
  const { scroller, follows, follow, onScroll } = useFollowing([rows.getTotalSize(), view, children]);
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={(node) => {
          element.current = node;
          scroller.current = node;
        }}
        role="log"
        aria-label={t('Messages')}
        aria-live="off"
        tabIndex={0}
        className="h-full overflow-y-auto px-4 py-4"
        onScroll={onScroll}
      >
        {droppedItems > 0 && (
          <p className="pb-3 text-center text-xs text-muted">
            {t('{count} older ones are not kept.', { count: droppedItems })}
          </p>
        )}
        <Rows rows={rows} items={items} agentSessionId={agentSessionId} />
        <div className="mx-auto flex w-full max-w-3xl flex-col gap-3">{children}</div>
      </div>
      {!follows && <JumpToLatest onClick={follow} />}
    </div>
  );
};

const Rows = ({
  rows,
  items,
  agentSessionId,
}: {
  readonly rows: Virtualizer<HTMLDivElement, Element>;
  readonly items: ConversationView['items'];
  readonly agentSessionId: string;
}) => (
  <div className="relative mx-auto w-full max-w-3xl" style={{ height: rows.getTotalSize() }}>
    {rows.getVirtualItems().map(({ key, index, start }) => {
      const item = items[index];
      return (
        <div
          key={key}
          data-index={index}
          ref={rows.measureElement}
          className="absolute inset-x-0 top-0 flex flex-col pb-3.5"
          style={{ transform: `translateY(${start}px)` }}
        >
          {item !== undefined && <ItemView item={item} agentSessionId={agentSessionId} />}
        </div>
      );
    })}
  </div>
);

const JumpToLatest = ({ onClick }: { readonly onClick: () => void }) => (
  <Button size="small" className="absolute bottom-3 left-1/2 -translate-x-1/2 shadow-md" onClick={onClick}>
    <ArrowDown aria-hidden /> {t('Jump to latest')}
  </Button>
);
