import { type FirewallSettings, type ProvisionerView, WorkspaceName } from '@aileron/contracts/workspace';
import { Button, Modal, SelectField, TextField } from '@aileron/ui';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { ChevronRight } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { problemOf, ProblemError } from '../api/problem.js';
import { createWorkspace, provisionersQuery, templatesQuery, workspaceKey, WORKSPACES_KEY } from '../api/workspaces.js';
import { t } from '../i18n/translate.js';
import { draftOf, FirewallFields, settingsOf, wrongDomain, type FirewallDraft } from './firewall-fields.js';

interface Draft {
  readonly name: string;
  readonly provisioner: ProvisionerView['provisioner'] | null;
  readonly template: string | null;
  /** Null: that of the template, untouched. */
  readonly firewall: FirewallDraft | null;
}

const FRESH: Draft = { name: '', provisioner: null, template: null, firewall: null };
const CLOSED: FirewallDraft = { networkAccess: true, mode: 'allowlist', domains: '' };

export const NewWorkspaceDialog = ({
  open,
  onOpenChange,
}: {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}) => (
  <Modal
    open={open}
    onOpenChange={onOpenChange}
    title={t('New workspace')}
    description={t('A place of its own for an agent: files, terminals, and a way out that asks.')}
    closeLabel={t('Close')}
  >
    <NewWorkspaceForm onDone={() => onOpenChange(false)} />
  </Modal>
);

function useCreate(onDone: () => void) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: createWorkspace,
    onSuccess: async (workspace) => {
      queries.setQueryData(workspaceKey(workspace.workspaceId), workspace);
      void queries.invalidateQueries({ queryKey: WORKSPACES_KEY });
      onDone();
      await navigate({ to: '/workspaces/$workspaceId', params: { workspaceId: workspace.workspaceId } });
    },
  });
}

/** What is wrong with the name as it stands, by us or by the service. */
function nameError(name: string, error: unknown): string | undefined {
  if (error instanceof ProblemError) {
    const field = error.problem.fields?.find((each) => each.field === 'name');
    if (field !== undefined) return field.message;
    if (error.problem.code === 'CONFLICT') return t('There is a workspace of this name.');
  }
  if (name === '' || WorkspaceName.safeParse(name).success) return undefined;
  return t('Lower case letters, digits and hyphens, with a letter or digit at both ends.');
}

const LOCAL: ProvisionerView = { provisioner: 'local', available: true, missing: null };

/** What can be chosen, and what is: the first one that is available, the default template. */
function useChoices(draft: Draft) {
  const provisioners = useQuery(provisionersQuery).data?.provisioners ?? [];
  const templates = useQuery(templatesQuery).data?.templates ?? [];
  const provisioner =
    provisioners.find((each) => each.provisioner === draft.provisioner) ??
    provisioners.find(({ available }) => available) ??
    LOCAL;
  const template =
    templates.find(({ name }) => name === draft.template) ?? templates.find(({ isDefault }) => isDefault);
  return { provisioners, templates, provisioner, template };
}

function requestOf(draft: Draft, provisioner: ProvisionerView['provisioner']) {
  return {
    name: draft.name,
    provisioner,
    ...(draft.template !== null && { template: draft.template }),
    ...(draft.firewall !== null && settingsOf(draft.firewall)),
  };
}

const isSound = ({ name, firewall }: Draft): boolean =>
  WorkspaceName.safeParse(name).success && (firewall === null || wrongDomain(firewall) === null);

const NewWorkspaceForm = ({ onDone }: { readonly onDone: () => void }) => {
  const [draft, setDraft] = useState<Draft>(FRESH);
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const { provisioners, templates, provisioner, template } = useChoices(draft);
  const { mutate, isPending, error } = useCreate(onDone);
  const wrongName = nameError(draft.name, error);
  const ready = isSound(draft) && provisioner.available && !isPending;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) mutate(requestOf(draft, provisioner.provisioner));
  };
  return (
    <form className="flex flex-col gap-4" onSubmit={submit}>
      <NameField name={draft.name} error={wrongName} onChange={(name) => change({ name })} />
      {templates.length > 1 && (
        <SelectField
          label={t('Template')}
          options={templates.map(({ name, description }) => ({ value: name, label: `${name}: ${description}` }))}
          value={template?.name ?? ''}
          onChange={({ target }) => change({ template: target.value })}
        />
      )}
      <ProvisionerChoice
        provisioners={provisioners}
        chosen={provisioner}
        onChange={(next) => change({ provisioner: next })}
      />
      <FirewallFold
        settings={template?.firewall}
        draft={draft.firewall}
        onChange={(firewall) => change({ firewall })}
      />
      {error !== null && wrongName === undefined && <Refused error={error} />}
      <Button tone="primary" type="submit" className="self-end" disabled={!ready}>
        {isPending ? t('Creating…') : t('Create workspace')}
      </Button>
    </form>
  );
};

const Refused = ({ error }: { readonly error: unknown }) => (
  <p role="alert" className="text-bad">
    {problemOf(error).message} {problemOf(error).action}
  </p>
);

const NameField = ({
  name,
  error,
  onChange,
}: {
  readonly name: string;
  readonly error: string | undefined;
  readonly onChange: (name: string) => void;
}) => (
  <TextField
    label={t('Name')}
    autoFocus
    required
    maxLength={63}
    spellCheck={false}
    autoComplete="off"
    placeholder="fix-login"
    value={name}
    error={error}
    onChange={({ target }) => onChange(target.value)}
  />
);

const PLACES: Readonly<Record<ProvisionerView['provisioner'], string>> = {
  local: t('On this machine, in a sandbox'),
  docker: t('In a container'),
  kubernetes: t('In a cluster'),
};

/** Where it runs; what cannot be used says what is missing. */
const ProvisionerChoice = ({
  provisioners,
  chosen,
  onChange,
}: {
  readonly provisioners: readonly ProvisionerView[];
  readonly chosen: ProvisionerView;
  readonly onChange: (provisioner: ProvisionerView['provisioner']) => void;
}) => (
  <fieldset className="flex flex-col gap-2">
    <legend className="pb-1 text-xs font-medium text-muted">{t('Where it runs')}</legend>
    {provisioners.map(({ provisioner, available, missing }) => (
      <label key={provisioner} className="flex items-start gap-2 rounded-md border border-line px-3 py-2">
        <input
          type="radio"
          name="provisioner"
          className="mt-0.5 size-4 accent-accent"
          checked={provisioner === chosen.provisioner}
          disabled={!available}
          onChange={() => onChange(provisioner)}
        />
        <span className="flex flex-col">
          <span className={available ? '' : 'text-muted'}>
            {PLACES[provisioner]} <span className="font-mono text-xs text-muted">{provisioner}</span>
          </span>
          {missing !== null && <span className="text-xs text-muted">{missing}</span>}
        </span>
      </label>
    ))}
  </fieldset>
);

const FirewallFold = ({
  settings,
  draft,
  onChange,
}: {
  readonly settings: FirewallSettings | undefined;
  readonly draft: FirewallDraft | null;
  readonly onChange: (draft: FirewallDraft) => void;
}) => {
  const shown = draft ?? (settings === undefined ? CLOSED : draftOf(settings));
  return (
    <details className="group rounded-md border border-line px-3 py-2">
      <summary className="flex cursor-pointer list-none items-center gap-1.5 font-medium">
        <ChevronRight aria-hidden className="size-4 transition-transform group-open:rotate-90" />
        {t('Firewall')}
        <span className="text-xs font-normal text-muted">{shown.networkAccess ? '' : t('no network')}</span>
      </summary>
      <div className="pt-3">
        <FirewallFields draft={shown} onChange={onChange} />
      </div>
    </details>
  );
};
