import type { AgentState } from '@aileron/contracts/workspace';
import { Button } from '@aileron/ui';
import { CornerDownLeft, Square } from 'lucide-react';
import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from 'react';
import { t } from '../../i18n/translate.js';

export interface ComposerProps {
  readonly agentSessionId: string;
  readonly state: AgentState;
  readonly onSend: (text: string) => void;
  readonly onInterrupt: () => void;
}

const isFinal = (state: AgentState) => state === 'failed' || state === 'ended' || state === 'context-lost';
export const isBusy = (state: AgentState): boolean =>
  state === 'working' || state === 'waiting-approval' || state === 'waiting-input';

const draftKey = (agentSessionId: string): string => `aileron.draft.${agentSessionId}`;

/** What is written survives a reload. */
function useDraft(agentSessionId: string) {
  const [text, setText] = useState(() => sessionStorage.getItem(draftKey(agentSessionId)) ?? '');
  useEffect(() => {
    if (text === '') sessionStorage.removeItem(draftKey(agentSessionId));
    else sessionStorage.setItem(draftKey(agentSessionId), text);
  }, [agentSessionId, text]);
  return [text, setText] as const;
}

/** Where the focus was put for want of anything to write in, it is this that was meant. */
function useAwaitedFocus(field: RefObject<HTMLTextAreaElement | null>): void {
  useEffect(() => {
    const focused = document.activeElement;
    if (focused?.localName === 'section' && focused.contains(field.current)) field.current?.focus();
  }, [field]);
}

const HIGHEST_PX = 240;

/** As high as its text, up to a bound. */
function useGrowing(text: string) {
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const element = field.current;
    if (element === null) return;
    element.style.height = 'auto';
    element.style.height = `${Math.min(element.scrollHeight, HIGHEST_PX)}px`;
  }, [text]);
  return field;
}

/** Where a message is written: Enter sends, Shift+Enter breaks the line; while the agent works it is queued. */
export const Composer = ({ agentSessionId, state, onSend, onInterrupt }: ComposerProps) => {
  const [text, setText] = useDraft(agentSessionId);
  const field = useGrowing(text);
  useAwaitedFocus(field);
  const send = () => {
    if (text.trim() === '' || isFinal(state)) return;
    onSend(text);
    setText('');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form
      className="flex items-end gap-2 rounded-lg border border-line bg-page p-1.5 has-[textarea:focus-visible]:outline-2 has-[textarea:focus-visible]:outline-accent"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={field}
        data-focus-home
        rows={1}
        aria-label={t('Message')}
        placeholder={isBusy(state) ? t('Queue a message') : t('What should be done?')}
        className="min-h-9 min-w-0 flex-1 resize-none bg-transparent px-2 py-1.5 outline-none placeholder:text-muted"
        value={text}
        maxLength={200_000}
        disabled={isFinal(state)}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={onKeyDown}
      />
      <Actions state={state} empty={text.trim() === ''} onInterrupt={onInterrupt} />
    </form>
  );
};

const Actions = ({
  state,
  empty,
  onInterrupt,
}: Pick<ComposerProps, 'state' | 'onInterrupt'> & { readonly empty: boolean }) => (
  <>
    {isBusy(state) && (
      <Button onClick={onInterrupt} title="Esc">
        <Square aria-hidden /> {t('Stop')}
      </Button>
    )}
    <Button tone="primary" type="submit" disabled={empty || isFinal(state)} title="Ctrl+Enter">
      <CornerDownLeft aria-hidden /> {isBusy(state) ? t('Queue') : t('Send')}
    </Button>
  </>
);
