import { AllowedDomain, type FirewallSettings } from '@aileron/contracts/workspace';
import { CheckField, SelectField, TextArea } from '@aileron/ui';
import { t } from '../i18n/translate.js';

/** Settings of a firewall as they are edited: the domains one a line. */
export interface FirewallDraft {
  readonly networkAccess: boolean;
  readonly mode: FirewallSettings['workspace_firewall_domain_access_mode'];
  readonly domains: string;
}

const MODES = [
  { value: 'allowlist', label: t('Only these hosts') },
  { value: 'deny', label: t('Everything but these hosts') },
];

export function draftOf(settings: FirewallSettings): FirewallDraft {
  return {
    networkAccess: settings.workspace_firewall_network_access_enabled,
    mode: settings.workspace_firewall_domain_access_mode,
    domains: settings.workspace_firewall_allowed_domains.join('\n'),
  };
}

const linesOf = (text: string): readonly string[] =>
  text
    .split(/[\s,]+/u)
    .map((line) => line.trim().toLowerCase())
    .filter(Boolean);

/** The first line that is no host name; null when all are. */
export function wrongDomain(draft: FirewallDraft): string | null {
  return linesOf(draft.domains).find((line) => !AllowedDomain.safeParse(line).success) ?? null;
}

export const settingsOf = (draft: FirewallDraft) => ({
  workspace_firewall_network_access_enabled: draft.networkAccess,
  workspace_firewall_domain_access_mode: draft.mode,
  workspace_firewall_allowed_domains: [...new Set(linesOf(draft.domains))],
});

/** What a workspace may reach. Hosts of connectors and of the platform come on top. */
export const FirewallFields = ({
  draft,
  onChange,
}: {
  readonly draft: FirewallDraft;
  readonly onChange: (draft: FirewallDraft) => void;
}) => {
  const wrong = wrongDomain(draft);
  return (
    <div className="flex flex-col gap-3">
      <CheckField
        label={t('It may reach the network')}
        checked={draft.networkAccess}
        onChange={({ target }) => onChange({ ...draft, networkAccess: target.checked })}
      />
      <SelectField
        label={t('Which hosts')}
        options={MODES}
        value={draft.mode}
        disabled={!draft.networkAccess}
        onChange={({ target }) => onChange({ ...draft, mode: target.value === 'deny' ? 'deny' : 'allowlist' })}
      />
      <TextArea
        label={t('Hosts, one a line; *.example.com for everything below it')}
        rows={3}
        spellCheck={false}
        value={draft.domains}
        disabled={!draft.networkAccess}
        aria-invalid={wrong !== null}
        onChange={({ target }) => onChange({ ...draft, domains: target.value })}
      />
      {wrong !== null && <p className="text-xs text-bad">{t('“{host}” is not a host name.', { host: wrong })}</p>}
    </div>
  );
};
