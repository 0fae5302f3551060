import type { WorkspaceView } from '@aileron/contracts/workspace';
import { Button, Modal, TextField } from '@aileron/ui';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound, LockKeyhole } from 'lucide-react';
import { useState } from 'react';
import { meQuery } from '../../api/me.js';
import { ProblemError } from '../../api/problem.js';
import { sessionQuery } from '../../api/vaults.js';
import { workspaceKey } from '../../api/workspaces.js';
import { t } from '../../i18n/translate.js';

/** Says that the workspace has no keys, where that stands in the way, with the way to give them. */
export const UnlockBanner = ({ workspace }: { readonly workspace: WorkspaceView }) => {
  const [open, setOpen] = useState(false);
  if (workspace.sessionId === null || !workspace.attentionReasons.includes('locked')) return null;
  return (
    <div className="flex flex-wrap items-center gap-2 rounded-md border border-warn/60 px-3 py-2">
      <LockKeyhole aria-hidden className="size-4 shrink-0 text-warn" />
      <p className="min-w-40 flex-1">
        {t('Locked: what the agent sends has no credentials until you unlock your vault for it.')}
      </p>
      <Button size="small" tone="primary" onClick={() => setOpen(true)}>
        <KeyRound aria-hidden /> {t('Unlock…')}
      </Button>
      <Modal
        open={open}
        onOpenChange={setOpen}
        title={t('Unlock {name}', { name: workspace.name })}
        description={t(
          'Your passphrase opens your vault in this browser and is sent nowhere. The keys go, sealed, to the credential service, for this session alone.',
        )}
        closeLabel={t('Close')}
      >
        <UnlockForm workspace={workspace} sessionId={workspace.sessionId} onDone={() => setOpen(false)} />
      </Modal>
    </div>
  );
};

function useUnlock(workspace: WorkspaceView, sessionId: string, onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (passphrase: string) => {
      const [me, session, { unlockSession }] = await Promise.all([
        queries.ensureQueryData(meQuery),
        queries.fetchQuery(sessionQuery(sessionId)),
        import('./unlock.js'),
      ]);
      await unlockSession(me, session, passphrase);
    },
    gcTime: 0,
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: workspaceKey(workspace.workspaceId) });
      await queries.invalidateQueries({ queryKey: ['session', sessionId] });
      onDone();
    },
  });
}

const REASONS: Readonly<Record<string, string>> = {
  PASSPHRASE_WRONG: t('That is not the passphrase.'),
  KDF_TOO_WEAK: t('The vault’s key derivation is weaker than is accepted. Change the passphrase in the terminal.'),
  VAULT_TAMPERED: t('The vault was changed by somebody who must not. Do not use it; ask who keeps it.'),
  SIGNATURE_INVALID: t('The credential service is not the one this home trusts. Nothing was sent.'),
};

/** A refusal of the vault has a code of the error table, one of a service a sentence. */
function textOf(error: unknown): string {
  if (error instanceof ProblemError) return `${error.message} ${error.action}`;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? t('It did not work ({code}).', { code: code || 'INTERNAL' });
}

interface FormProps {
  readonly workspace: WorkspaceView;
  readonly sessionId: string;
  readonly onDone: () => void;
}

const UnlockForm = (props: FormProps) => {
  if (useQuery(meQuery).data?.serviceKeys.length !== 0) return <PassphraseForm {...props} />;
  return (
    <p>
      {t('Unlock it in your terminal:')}{' '}
      <code className="font-mono">aileron workspace unlock {props.workspace.name}</code>
    </p>
  );
};

const PassphraseForm = ({ workspace, sessionId, onDone }: FormProps) => {
  const [passphrase, setPassphrase] = useState('');
  const { mutate, reset, isPending, error } = useUnlock(workspace, sessionId, onDone);
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        mutate(passphrase);
        setPassphrase('');
      }}
    >
      <TextField
        label={t('Passphrase')}
        type="password"
        autoFocus
        autoComplete="current-password"
        value={passphrase}
        error={error === null ? undefined : textOf(error)}
        onChange={({ target }) => {
          if (error !== null) reset();
          setPassphrase(target.value);
        }}
      />
      <div className="flex justify-end">
        <Button tone="primary" type="submit" disabled={isPending || passphrase === ''}>
          <KeyRound aria-hidden /> {isPending ? t('Opening the vault…') : t('Unlock')}
        </Button>
      </div>
    </form>
  );
};
