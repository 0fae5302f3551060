import type { WorkspaceEventsView, WorkspaceStep, WorkspaceView } from '@aileron/contracts/workspace';
import { Button, classNames } from '@aileron/ui';
import { Check, CircleDashed, LoaderCircle, Minus, X } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { t } from '../../i18n/translate.js';
import { CopyButton } from '../../shell/copy-button.js';
import { formatBytes, formatDuration } from '../../time/format.js';
import { useIntent } from '../../workspaces/workspace-actions.js';
import { phaseWord } from '../../workspaces/workspace-state.js';
import { diagnosticsOf } from './diagnostics.js';

const ICONS: Readonly<Record<WorkspaceStep['status'], ReactNode>> = {
  waiting: <CircleDashed aria-hidden className="text-muted" />,
  running: <LoaderCircle aria-hidden className="animate-spin text-accent" />,
  done: <Check aria-hidden className="text-good" />,
  failed: <X aria-hidden className="text-bad" />,
  skipped: <Minus aria-hidden className="text-muted" />,
};

const WORDS: Readonly<Record<WorkspaceStep['status'], string>> = {
  waiting: t('waits'),
  running: t('running'),
  done: t('done'),
  failed: t('failed'),
  skipped: t('skipped'),
};

/** Now, every second while something runs. */
function useNow(ticks: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!ticks) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [ticks]);
  return now;
}

/** The numbered steps of what goes on: how long each took, what it moved, what it printed. */
export const StepList = ({
  workspace,
  lines,
}: {
  readonly workspace: WorkspaceView;
  readonly lines: WorkspaceEventsView['lines'];
}) => {
  const { steps, phase, reason } = workspace;
  const goesOn = phase === 'creating' || phase === 'restarting' || phase === 'deleting';
  const now = useNow(goesOn);
  return (
    <div className="flex flex-col gap-3 p-4">
      <div className="flex flex-wrap items-center gap-2">
        <p role="status" className="min-w-0 flex-1">
          <span className="font-semibold">{phaseWord(phase)}</span> <span className="text-muted">{reason}</span>
        </p>
        <CopyButton text={diagnosticsOf(workspace, lines)} label={t('Copy diagnostics')} />
        <NextStep workspace={workspace} />
      </div>
      {steps.length > 0 && (
        <ol aria-label={t('Steps')} className="overflow-hidden rounded-lg border border-line bg-surface">
          {steps.map((step) => (
            <Step key={step.number} step={step} now={now} lines={lines.filter((line) => line.step === step.number)} />
          ))}
        </ol>
      )}
      <Waits workspace={workspace} />
    </div>
  );
};

/** Cancel while it is made; try again when it failed. */
const NextStep = ({ workspace }: { readonly workspace: WorkspaceView }) => {
  const intent = useIntent(workspace);
  if (workspace.phase === 'creating') {
    return (
      <Button size="small" disabled={intent.isPending} onClick={() => intent.mutate('stop')}>
        {t('Cancel')}
      </Button>
    );
  }
  if (workspace.phase !== 'failed') return null;
  return (
    <Button size="small" tone="primary" disabled={intent.isPending} onClick={() => intent.mutate('start')}>
      {t('Try again')}
    </Button>
  );
};

const Step = ({
  step,
  now,
  lines,
}: {
  readonly step: WorkspaceStep;
  readonly now: number;
  readonly lines: WorkspaceEventsView['lines'];
}) => {
  const { number, title, status, startedAt, endedAt, bytes, error } = step;
  const end = endedAt === null ? (status === 'running' ? now : null) : Date.parse(endedAt);
  const took = startedAt === null || end === null ? null : end - Date.parse(startedAt);
  return (
    <li className="border-b border-line px-3 py-2 last:border-b-0">
      <div className="flex items-center gap-2 [&>svg]:size-4 [&>svg]:shrink-0">
        {ICONS[status]}
        <span className={classNames('min-w-0 flex-1', status === 'waiting' && 'text-muted')}>
          {number}. {title} <span className="sr-only">{WORDS[status]}</span>
        </span>
        {bytes !== null && bytes > 0 && <span className="text-xs text-muted tabular-nums">{formatBytes(bytes)}</span>}
        {took !== null && <span className="text-xs text-muted tabular-nums">{formatDuration(took)}</span>}
      </div>
      {error !== null && <p className="pt-1 pl-6 text-xs break-words text-bad">{error}</p>}
      {lines.length > 0 && (
        <details className="pt-1 pl-6 text-xs">
          <summary className="cursor-pointer text-muted">{t('Output ({count})', { count: lines.length })}</summary>
          <pre
            tabIndex={0}
            role="group"
            aria-label={t('Output of step {number}', { number })}
            className="mt-1 max-h-48 overflow-auto rounded bg-raised p-2 font-mono leading-5 whitespace-pre-wrap"
          >
            {lines.map(({ text }) => text).join('\n')}
          </pre>
        </details>
      )}
    </li>
  );
};

/** What is waited for, and until when. */
const Waits = ({ workspace }: { readonly workspace: WorkspaceView }) => {
  const waiting = workspace.conditions.filter(({ deadline }) => deadline !== null);
  if (waiting.length === 0) return null;
  return (
    <ul className="flex flex-col gap-1 text-xs text-muted">
      {waiting.map(({ component, message, deadline, attempt }) => (
        <li key={component}>
          {t('{component}: {message} until {time} (attempt {attempt})', {
            component,
            message,
            time: new Date(deadline ?? 0).toLocaleTimeString(),
            attempt,
          })}
        </li>
      ))}
    </ul>
  );
};
