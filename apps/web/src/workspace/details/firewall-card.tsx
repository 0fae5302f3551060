import type { EffectiveFirewall, WorkspaceView } from '@aileron/contracts/workspace';
import { AllowedDomain } from '@aileron/contracts/workspace';
import { Badge, Button, Modal } from '@aileron/ui';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { problemOf } from '../../api/problem.js';
import { blockedQuery, firewallQuery, updateWorkspace, workspaceKey } from '../../api/workspaces.js';
import { t } from '../../i18n/translate.js';
import { Loaded } from '../../shell/loaded.js';
import { formatCount, formatRelative } from '../../time/format.js';
import { draftOf, FirewallFields, settingsOf, wrongDomain } from '../../workspaces/firewall-fields.js';

function useUpdate(workspaceId: string, onDone?: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Parameters<typeof updateWorkspace>[1]) => updateWorkspace(workspaceId, body),
    onSuccess: async (workspace) => {
      queries.setQueryData(workspaceKey(workspaceId), workspace);
      await Promise.all(
        ['firewall', 'blocked'].map((key) => queries.invalidateQueries({ queryKey: [key, workspaceId] })),
      );
      onDone?.();
    },
  });
}

/** What holds, where each host comes from, and what was refused. */
export const FirewallCard = ({ workspace }: { readonly workspace: WorkspaceView }) => {
  const [editing, setEditing] = useState(false);
  const query = useQuery(firewallQuery(workspace.workspaceId));
  return (
    <>
      <Loaded query={query} label={t('Loading the firewall')}>
        {(firewall) => (
          <>
            <Effective firewall={firewall} />
            <Button size="small" className="self-start" onClick={() => setEditing(true)}>
              {t('Change…')}
            </Button>
            <Blocked workspace={workspace} />
          </>
        )}
      </Loaded>
      <Modal
        open={editing}
        onOpenChange={setEditing}
        title={t('Firewall of {name}', { name: workspace.name })}
        description={t('It holds for the next request; what is open to a host that is no longer allowed is cut.')}
        closeLabel={t('Close')}
      >
        <FirewallForm workspace={workspace} onDone={() => setEditing(false)} />
      </Modal>
    </>
  );
};

const SOURCES: Readonly<Record<EffectiveFirewall['workspace']['domains'][number]['source'], string>> = {
  platform: t('platform'),
  connector: t('connector'),
  workspace: t('yours'),
};

const Effective = ({ firewall }: { readonly firewall: EffectiveFirewall }) => {
  const { networkAccess, mode, domains } = firewall.workspace;
  if (!networkAccess) return <p className="text-xs">{t('It reaches nothing.')}</p>;
  return (
    <>
      <p className="text-xs">{mode === 'allowlist' ? t('Only these hosts:') : t('Everything but these hosts:')}</p>
      {domains.length === 0 ? (
        <p className="text-xs text-muted">{t('none')}</p>
      ) : (
        <ul className="flex flex-col gap-1 text-xs">
          {domains.map(({ domain, source }) => (
            <li key={`${domain} ${source}`} className="flex items-center gap-2">
              <span className="min-w-0 font-mono break-all">{domain}</span>
              <span className="ml-auto shrink-0 text-muted">{SOURCES[source]}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
};

const FirewallForm = ({ workspace, onDone }: { readonly workspace: WorkspaceView; readonly onDone: () => void }) => {
  const [draft, setDraft] = useState(() => draftOf(workspace.firewall));
  const { mutate, isPending, error } = useUpdate(workspace.workspaceId, onDone);
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (wrongDomain(draft) === null) mutate(settingsOf(draft));
      }}
    >
      <FirewallFields draft={draft} onChange={setDraft} />
      {error !== null && (
        <p role="alert" className="text-bad">
          {problemOf(error).message} {problemOf(error).action}
        </p>
      )}
      <div className="flex justify-end">
        <Button tone="primary" type="submit" disabled={isPending || wrongDomain(draft) !== null}>
          {t('Save')}
        </Button>
      </div>
    </form>
  );
};

/** The domains with which a host is reached; null where no change of them would do it. */
function domainsWith(host: string, { firewall }: WorkspaceView): string[] | null {
  const { workspace_firewall_domain_access_mode: mode, workspace_firewall_allowed_domains: domains } = firewall;
  const listed = domains.includes(host);
  if (!firewall.workspace_firewall_network_access_enabled || !AllowedDomain.safeParse(host).success) return null;
  if (mode === 'allowlist') return listed ? null : [...domains, host];
  return listed ? domains.filter((each) => each !== host) : null;
}

/** Hosts that were refused; one press allows one. */
const Blocked = ({ workspace }: { readonly workspace: WorkspaceView }) => {
  const blocked = useQuery(blockedQuery(workspace.workspaceId)).data?.blocked ?? [];
  const { mutate, isPending, error } = useUpdate(workspace.workspaceId);
  if (blocked.length === 0) return null;
  return (
    <div className="flex flex-col gap-1 pt-1">
      <h3 className="text-xs font-medium">{t('Blocked')}</h3>
      <ul className="flex flex-col gap-1 text-xs">
        {blocked.map(({ host, count, lastAt }) => {
          const domains = domainsWith(host, workspace);
          return (
            <li key={host} className="flex flex-wrap items-center gap-x-2">
              <span className="min-w-0 font-mono break-all">{host}</span>
              <Badge tone="bad">{formatCount(count)}×</Badge>
              <span className="text-muted">{formatRelative(lastAt)}</span>
              {domains !== null && (
                <Button
                  size="small"
                  className="ml-auto h-7"
                  disabled={isPending}
                  aria-label={t('Allow {host}', { host })}
                  onClick={() => mutate({ workspace_firewall_allowed_domains: domains })}
                >
                  {t('Allow')}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {error !== null && <Refused error={error} />}
    </div>
  );
};

const Refused = ({ error }: { readonly error: unknown }) => (
  <p role="alert" className="text-xs text-bad">
    {problemOf(error).message} {problemOf(error).action}
  </p>
);
