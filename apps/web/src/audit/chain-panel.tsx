import { Badge, Button, Card } from '@aileron/ui';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Download, ShieldCheck } from 'lucide-react';
import { exportPath, type StreamVerification, verifyAudit } from '../api/audit.js';
import { meQuery } from '../api/me.js';
import { problemOf } from '../api/problem.js';
import { t } from '../i18n/translate.js';
import { formatCount } from '../time/format.js';

/** Whether the chain holds, verified by this page over all records. */
export const ChainPanel = () => {
  const keys = useQuery(meQuery).data?.auditKeys ?? [];
  const { mutate, data, error, isPending } = useMutation({ mutationFn: () => verifyAudit(keys) });
  return (
    <Card aria-label={t('Chain')} className="flex flex-col gap-3 p-4">
      <div className="flex flex-wrap items-center gap-3">
        <p className="min-w-0 flex-1 text-muted">
          {t(
            'Each record names the one before it, and checkpoints are signed. This page reads all of them and verifies both.',
          )}
        </p>
        <Button disabled={isPending || keys.length === 0} onClick={() => mutate()}>
          <ShieldCheck aria-hidden /> {isPending ? t('Verifying…') : t('Verify the chain')}
        </Button>
      </div>
      <div role="status" className="flex flex-col gap-2 empty:hidden">
        {error !== null && <p className="text-bad">{problemOf(error).message}</p>}
        {data?.map((stream) => (
          <StreamResult key={stream.stream} result={stream} />
        ))}
        {data?.length === 0 && <p className="text-muted">{t('No proxy has sent records yet.')}</p>}
      </div>
    </Card>
  );
};

const StreamResult = ({ result }: { readonly result: StreamVerification }) => (
  <p className="flex flex-wrap items-center gap-2">
    <Badge tone={result.ok ? 'good' : 'bad'}>{result.ok ? t('Verified') : t('Broken')}</Badge>
    <span className="font-mono text-xs">{result.stream}</span>
    <span className="text-muted">
      {t('{records} records, {checkpoints} checkpoints, signed through number {seq}', {
        records: formatCount(result.records),
        checkpoints: formatCount(result.checkpoints),
        seq: formatCount(result.signedThroughSeq),
      })}
      {result.error !== undefined &&
        t('; record {seq}: {reason}', { seq: result.error.seq, reason: result.error.reason })}
    </span>
    <a
      className="ml-auto inline-flex items-center gap-1 text-accent underline"
      href={exportPath(result.stream)}
      download
    >
      <Download aria-hidden className="size-4" /> {t('Export')}
    </a>
  </p>
);
