import type { WorkspaceView } from '@aileron/contracts/workspace';
import { Button, CheckField, Confirm, Menu, type MenuItem } from '@aileron/ui';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { EllipsisVertical, Play, RotateCw, Square, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { problemOf } from '../api/problem.js';
import { deleteWorkspace, sendIntent, type WorkspaceIntent, workspaceKey, WORKSPACES_KEY } from '../api/workspaces.js';
import { t } from '../i18n/translate.js';

/** What people may want of a workspace in its phase. */
export function useIntent(workspace: WorkspaceView) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (intent: WorkspaceIntent) => sendIntent(workspace.workspaceId, intent),
    onSuccess: (next) => queries.setQueryData(workspaceKey(next.workspaceId), next),
    onSettled: () => queries.invalidateQueries({ queryKey: WORKSPACES_KEY }),
  });
}

const canStart = ({ phase }: WorkspaceView) => phase === 'stopped' || phase === 'failed';
const canStop = ({ phase }: WorkspaceView) => phase === 'running' || phase === 'creating' || phase === 'restarting';

/** Start, stop, restart and delete, behind one button. */
export const WorkspaceActions = ({ workspace }: { readonly workspace: WorkspaceView }) => {
  const [deleting, setDeleting] = useState(false);
  const intent = useIntent(workspace);
  const item = (label: string, icon: MenuItem['icon'], wanted: WorkspaceIntent, allowed: boolean): MenuItem => ({
    label,
    icon,
    disabled: !allowed || intent.isPending,
    onSelect: () => intent.mutate(wanted),
  });
  return (
    <>
      <Menu
        trigger={
          <Button tone="quiet" size="icon" aria-label={t('Actions for {name}', { name: workspace.name })}>
            <EllipsisVertical aria-hidden />
          </Button>
        }
        items={[
          item(t('Start'), <Play aria-hidden />, 'start', canStart(workspace)),
          item(t('Stop'), <Square aria-hidden />, 'stop', canStop(workspace)),
          item(t('Restart'), <RotateCw aria-hidden />, 'restart', workspace.phase === 'running'),
          { label: t('Delete…'), icon: <Trash2 aria-hidden />, danger: true, onSelect: () => setDeleting(true) },
        ]}
      />
      {intent.isError && (
        <span role="alert" className="text-xs text-bad">
          {problemOf(intent.error).message}
        </span>
      )}
      <DeleteWorkspace workspace={workspace} open={deleting} onOpenChange={setDeleting} />
    </>
  );
};

/** Names what is lost before it is. */
export const DeleteWorkspace = ({
  workspace,
  open,
  onOpenChange,
}: {
  readonly workspace: WorkspaceView;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}) => {
  const queries = useQueryClient();
  const [force, setForce] = useState(false);
  return (
    <Confirm
      trigger={null}
      open={open}
      onOpenChange={onOpenChange}
      title={t('Delete the workspace {name}?', { name: workspace.name })}
      confirm={t('Delete {name}', { name: workspace.name })}
      danger
      onConfirm={async () => {
        await deleteWorkspace(workspace.workspaceId, force);
        await queries.invalidateQueries({ queryKey: WORKSPACES_KEY });
      }}
    >
      <p>
        {t(
          'Its files with every change that was not pushed, its conversations and its terminals are removed. Whatever runs in it ends now. The audit stays. This cannot be undone.',
        )}
      </p>
      <CheckField
        label={t('By force: without asking what runs inside to end')}
        checked={force}
        onChange={({ target }) => setForce(target.checked)}
      />
    </Confirm>
  );
};
