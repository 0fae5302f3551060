import type { ConversationItem } from '@aileron/contracts/agent-events';
import { VisibleText } from '@aileron/ui';
import { CircleAlert, Info, Unlink } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { t } from '../../i18n/translate.js';
import { MessageView } from './message-view.js';
import { PromptCard } from './prompt-card.js';
import { ToolCard } from './tool-card.js';

/** One thing of a conversation. Items are never changed in place: the same one looks the same. */
export const ItemView = memo(
  ({ item, agentSessionId }: { readonly item: ConversationItem; readonly agentSessionId: string }): ReactNode => {
    switch (item.type) {
      case 'message':
        return <MessageView message={item} />;
      case 'tool':
        return <ToolCard tool={item} />;
      case 'prompt':
        return <PromptCard prompt={item} agentSessionId={agentSessionId} />;
      case 'notice':
        return (
          <Line icon={<Info aria-hidden />} tone={item.level === 'warning' ? 'text-warn' : 'text-muted'}>
            <VisibleText text={item.text} />
          </Line>
        );
      case 'error':
        return (
          <Line icon={<CircleAlert aria-hidden />} tone="text-bad">
            <VisibleText text={item.text} /> <span className="font-mono">{item.code}</span>
          </Line>
        );
      case 'gap':
        return (
          <Line icon={<Unlink aria-hidden />} tone="text-warn">
            {t('{count} events are missing here.', { count: item.missing })}
          </Line>
        );
    }
  },
);
ItemView.displayName = 'ItemView';

const Line = ({
  icon,
  tone,
  children,
}: {
  readonly icon: ReactNode;
  readonly tone: string;
  readonly children: ReactNode;
}) => (
  <p className={`flex items-start gap-2 text-xs break-words [&_svg]:mt-0.5 [&_svg]:size-3.5 [&_svg]:shrink-0 ${tone}`}>
    {icon}
    <span className="min-w-0">{children}</span>
  </p>
);
