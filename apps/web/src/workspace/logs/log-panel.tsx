import type { WorkspaceEventsView, WorkspaceView } from '@aileron/contracts/workspace';
import { Empty } from '@aileron/ui';
import { ScrollText } from 'lucide-react';
import { t } from '../../i18n/translate.js';
import { StepList } from './step-list.js';

/** The steps of the present transition, and everything that was printed. */
export const LogPanel = ({
  workspace,
  lines,
  withSteps,
}: {
  readonly workspace: WorkspaceView;
  /** False where they are shown beside it. */
  readonly withSteps: boolean;
  readonly lines: WorkspaceEventsView['lines'];
}) => (
  <div className="min-h-0 flex-1 overflow-y-auto" tabIndex={0} role="group" aria-label={t('Logs')}>
    {withSteps && <StepList workspace={workspace} lines={lines} />}
    {lines.length === 0 ? (
      <Empty icon={<ScrollText />} title={t('Nothing was printed')}>
        {t('What the steps of the workspace print appears here as it comes.')}
      </Empty>
    ) : (
      <ol aria-label={t('Output')} className="px-4 py-3 font-mono text-xs leading-5">
        {lines.map(({ at, text }, index) => (
          <li key={index} className="flex gap-3">
            <time dateTime={at} className="shrink-0 text-muted">
              {at.slice(11, 19)}
            </time>
            <span className="min-w-0 break-words whitespace-pre-wrap">{text}</span>
          </li>
        ))}
      </ol>
    )}
  </div>
);
