import { Button } from '@aileron/ui';
import { WifiOff } from 'lucide-react';
import { t } from '../../i18n/translate.js';
import type { StreamStatus } from '@aileron/live-stream';
import { formatTime } from '../../time/format.js';

/** Nothing while all is well; else what is wrong with the line, and until when. */
export const StreamLine = ({ status, onRetry }: { readonly status: StreamStatus; readonly onRetry: () => void }) => {
  if (status.state === 'open' || status.state === 'connecting') return null;
  return (
    <div
      role="status"
      className="flex shrink-0 items-center gap-2 border-b border-warn/40 px-4 py-1.5 text-xs text-warn"
    >
      <WifiOff aria-hidden className="size-3.5 shrink-0" />
      {status.state === 'cut' && (
        <>
          {t('The connection was cut. Next attempt: {time}.', {
            time: formatTime(new Date(status.retryAt).toISOString()),
          })}
          <Button size="small" tone="quiet" className="ml-auto" onClick={onRetry}>
            {t('Now')}
          </Button>
        </>
      )}
      {status.state === 'refused' && `${status.message} (${status.code})`}
      {status.state === 'removed' && t('This was removed.')}
    </div>
  );
};
