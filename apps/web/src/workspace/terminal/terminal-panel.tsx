import type { TerminalView } from '@aileron/contracts/workspace';
import { Button, Confirm, Empty } from '@aileron/ui';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus, SquareTerminal, X } from 'lucide-react';
import { problemOf } from '../../api/problem.js';
import { closeTerminal, openTerminal, terminalsKey, terminalsQuery } from '../../api/terminals.js';
import { t } from '../../i18n/translate.js';
import { Loaded } from '../../shell/loaded.js';
import { TabStrip } from '../../shell/tab-strip.js';
import { TerminalScreen } from './terminal-screen.js';

const SIZE = { columns: 80, rows: 24 };

const attachPath = (workspaceId: string, terminalId: string): string =>
  `/api/v1/workspaces/${encodeURIComponent(workspaceId)}/terminals/${encodeURIComponent(terminalId)}/attach`;

interface PanelProps {
  readonly workspaceId: string;
  readonly terminalId: string | undefined;
  readonly onSelect: (terminalId: string | undefined) => void;
}

function useOpen({ workspaceId, onSelect }: PanelProps) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => openTerminal(workspaceId, SIZE),
    onSuccess: async ({ terminalId }) => {
      await queries.invalidateQueries({ queryKey: terminalsKey(workspaceId) });
      onSelect(terminalId);
    },
  });
}

/** The terminals of the workspace. They go on when nobody looks. */
export const TerminalPanel = (props: PanelProps) => {
  const { workspaceId, terminalId, onSelect } = props;
  const open = useOpen(props);
  return (
    <Loaded query={useQuery(terminalsQuery(workspaceId))} label={t('Loading terminals')}>
      {({ terminals }) => {
        const current = terminals.find((each) => each.terminalId === terminalId) ?? terminals[0];
        if (current === undefined) return <NoTerminal open={open} />;
        return (
          <div className="flex min-h-0 flex-1 flex-col">
            <TabStrip
              label={t('Terminals')}
              tabs={terminals.map(tabOf)}
              current={current.terminalId}
              onSelect={onSelect}
              add={{
                label: t('New terminal'),
                disabled: open.isPending,
                onAdd: () => open.mutate(),
              }}
            >
              <CloseTerminal terminal={current} onClosed={() => onSelect(undefined)} />
            </TabStrip>
            {open.isError && (
              <p role="alert" className="px-3 py-1 text-xs text-bad">
                {problemOf(open.error).message}
              </p>
            )}
            <TerminalScreen
              key={current.terminalId}
              path={attachPath(workspaceId, current.terminalId)}
              label={t('{title}. Control, Shift and Escape leave the terminal.', { title: current.title })}
            />
          </div>
        );
      }}
    </Loaded>
  );
};

const NoTerminal = ({ open }: { readonly open: ReturnType<typeof useOpen> }) => (
  <Empty
    icon={<SquareTerminal />}
    title={t('No terminal is open')}
    action={
      <>
        <Button tone="primary" className="mt-2" disabled={open.isPending} onClick={() => open.mutate()}>
          <Plus aria-hidden /> {t('Open a terminal')}
        </Button>
        {open.isError && (
          <p role="alert" className="text-bad">
            {problemOf(open.error).message} {problemOf(open.error).action}
          </p>
        )}
      </>
    }
  >
    {t('A shell in the workspace. It goes on when you leave, and is as you left it when you come back.')}
  </Empty>
);

const tabOf = ({ terminalId, title, exitCode }: TerminalView) => ({
  id: terminalId,
  title: exitCode === null ? title : `${title} (${exitCode})`,
});

const CloseTerminal = ({ terminal, onClosed }: { readonly terminal: TerminalView; readonly onClosed: () => void }) => {
  const queries = useQueryClient();
  return (
    <Confirm
      trigger={
        <Button tone="quiet" size="icon" aria-label={t('Close {title}', { title: terminal.title })}>
          <X aria-hidden />
        </Button>
      }
      title={t('Close {title}?', { title: terminal.title })}
      confirm={t('Close the terminal')}
      danger
      onConfirm={async () => {
        await closeTerminal(terminal.workspaceId, terminal.terminalId);
        await queries.invalidateQueries({ queryKey: terminalsKey(terminal.workspaceId) });
        onClosed();
      }}
    >
      <p>{t('What runs in it is ended, and what it printed is gone.')}</p>
    </Confirm>
  );
};
