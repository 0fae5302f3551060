import { Button, CheckField, TextField, VisibleText } from '@aileron/ui';
import { Check, X } from 'lucide-react';
import { useState } from 'react';
import { t } from '../../i18n/translate.js';
import { type PromptBody, PromptHead } from './prompt-head.js';

type Props = PromptBody<'permission-request'>;

/** What a tool would do, exactly, and the answer. */
export const PermissionBody = ({ request, prompt, busy, onAnswer }: Props) => (
  <>
    <PromptHead prompt={prompt} title={t('{tool} asks: {title}', { tool: request.tool, title: request.title })} />
    <pre
      tabIndex={0}
      role="group"
      aria-label={t('What it would do')}
      className="max-h-60 overflow-auto rounded bg-raised px-2 py-1.5 font-mono text-xs leading-5 break-words whitespace-pre-wrap"
    >
      <VisibleText text={JSON.stringify(request.input, null, 2)} />
    </pre>
    {request.inputTruncated && <p className="text-xs text-warn">{t('The input is longer than is shown.')}</p>}
    {prompt.answer === null && <PermissionForm request={request} busy={busy} onAnswer={onAnswer} />}
  </>
);

const PermissionForm = ({ request, busy, onAnswer }: Omit<Props, 'prompt'>) => {
  const [reason, setReason] = useState('');
  const [remembered, setRemembered] = useState<readonly string[]>([]);
  const remember = (id: string, yes: boolean) =>
    setRemembered(yes ? [...remembered, id] : remembered.filter((each) => each !== id));
  const allow = () => onAnswer({ decision: 'allow', ...(remembered.length > 0 && { suggestionIds: [...remembered] }) });
  const deny = () => onAnswer({ decision: 'deny', ...(reason !== '' && { text: reason }) });
  return (
    <>
      {request.suggestions.map(({ id, label, scope }) => (
        <CheckField
          key={id}
          label={t('From now on in this {scope}: {label}', { scope, label })}
          checked={remembered.includes(id)}
          onChange={({ target }) => remember(id, target.checked)}
        />
      ))}
      <TextField
        label={t('Reason (the agent reads it when you deny)')}
        value={reason}
        maxLength={2_000}
        onChange={({ target }) => setReason(target.value)}
      />
      <div className="flex gap-2">
        <Button tone="primary" disabled={busy} onClick={allow}>
          <Check aria-hidden /> {t('Allow')}
        </Button>
        <Button disabled={busy} onClick={deny}>
          <X aria-hidden /> {t('Deny')}
        </Button>
      </div>
    </>
  );
};
