import type { WorkspaceCondition, WorkspaceView } from '@aileron/contracts/workspace';
import { Badge, Button, type Tone } from '@aileron/ui';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { restartComponent, statsQuery } from '../../api/workspaces.js';
import { t } from '../../i18n/translate.js';
import { Loaded } from '../../shell/loaded.js';
import { formatBytes, formatCount, formatRelative } from '../../time/format.js';
import { phaseWord } from '../../workspaces/workspace-state.js';
import { FirewallCard } from './firewall-card.js';

/** What the workspace is made of, what it uses, and what it may reach. */
export const DetailsPanel = ({ workspace }: { readonly workspace: WorkspaceView }) => (
  <div className="flex flex-col gap-5 p-4">
    <Facts workspace={workspace} />
    <Part title={t('Parts')}>
      <ul className="flex flex-col gap-2">
        {workspace.conditions.map((condition) => (
          <Condition key={condition.component} workspace={workspace} condition={condition} />
        ))}
      </ul>
    </Part>
    {workspace.phase === 'running' && (
      <Part title={t('Use')}>
        <Stats workspaceId={workspace.workspaceId} />
      </Part>
    )}
    <Part title={t('Firewall')}>
      <FirewallCard workspace={workspace} />
    </Part>
  </div>
);

const Part = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <section className="flex flex-col gap-2">
    <h2 className="text-xs font-semibold tracking-wide text-muted uppercase">{title}</h2>
    {children}
  </section>
);

const Facts = ({ workspace }: { readonly workspace: WorkspaceView }) => (
  <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-1 text-xs [&_dd]:min-w-0 [&_dd]:break-words [&_dt]:text-muted">
    <dt>{t('State')}</dt>
    <dd>
      {phaseWord(workspace.phase)}: {workspace.reason}
    </dd>
    <dt>{t('Id')}</dt>
    <dd className="font-mono break-all">{workspace.workspaceId}</dd>
    <dt>{t('Where it runs')}</dt>
    <dd>{workspace.provisioner}</dd>
    {workspace.template !== null && (
      <>
        <dt>{t('Template')}</dt>
        <dd>{workspace.template}</dd>
      </>
    )}
    <dt>{t('Created')}</dt>
    <dd>
      {formatRelative(workspace.createdAt)}, {workspace.createdBy}
    </dd>
    {workspace.sessionId !== null && (
      <>
        <dt>{t('Session')}</dt>
        <dd>
          <Link to="/audit" search={{ sessionId: workspace.sessionId }} className="text-accent underline">
            {t('Audit')}
          </Link>
        </dd>
      </>
    )}
  </dl>
);

const TONES: Readonly<Record<WorkspaceCondition['status'], Tone>> = {
  unknown: 'neutral',
  waiting: 'accent',
  ready: 'good',
  failed: 'bad',
  absent: 'neutral',
};
const WORDS: Readonly<Record<WorkspaceCondition['status'], string>> = {
  unknown: t('Unknown'),
  waiting: t('Waits'),
  ready: t('Ready'),
  failed: t('Failed'),
  absent: t('Absent'),
};

const Condition = ({
  workspace,
  condition,
}: {
  readonly workspace: WorkspaceView;
  readonly condition: WorkspaceCondition;
}) => {
  const { component, status, reason, message } = condition;
  const restart = useMutation({
    mutationFn: (which: 'runtime' | 'terminal') => restartComponent(workspace.workspaceId, which),
  });
  return (
    <li className="flex flex-wrap items-center gap-2 text-xs">
      <span className="font-medium">{component}</span>
      <Badge tone={TONES[status]}>{WORDS[status]}</Badge>
      {(component === 'runtime' || component === 'terminal') && workspace.phase === 'running' && (
        <Button
          tone="quiet"
          size="icon"
          className="ml-auto size-7"
          aria-label={t('Restart {component}', { component })}
          disabled={restart.isPending}
          onClick={() => restart.mutate(component)}
        >
          <RotateCw aria-hidden />
        </Button>
      )}
      {status !== 'ready' && (
        <span className="w-full break-words text-muted">
          {reason} {message}
        </span>
      )}
    </li>
  );
};

const Stats = ({ workspaceId }: { readonly workspaceId: string }) => (
  <Loaded query={useQuery(statsQuery(workspaceId))} label={t('Loading what it uses')}>
    {({ cpuPercent, memoryBytes, memoryLimitBytes, diskBytes, processes }) => (
      <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-1 text-xs tabular-nums [&_dt]:text-muted">
        <dt>{t('Processor')}</dt>
        <dd>{cpuPercent.toFixed(0)} %</dd>
        <dt>{t('Memory')}</dt>
        <dd>
          {formatBytes(memoryBytes)}
          {memoryLimitBytes !== null && ` / ${formatBytes(memoryLimitBytes)}`}
        </dd>
        <dt>{t('Disk')}</dt>
        <dd>{formatBytes(diskBytes)}</dd>
        <dt>{t('Processes')}</dt>
        <dd>{formatCount(processes)}</dd>
      </dl>
    )}
  </Loaded>
);
