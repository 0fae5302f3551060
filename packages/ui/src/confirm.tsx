import { Dialog } from 'radix-ui';
import { type ReactNode, useContext, useState } from 'react';
import { Button } from './button.js';
import { UiTextsContext } from './ui-texts.js';

export interface ConfirmProps {
  /** A button, or `null` where `open` and `onOpenChange` are given. */
  readonly trigger: ReactNode;
  readonly open?: boolean;
  readonly onOpenChange?: (open: boolean) => void;
  /** Names the thing. */
  readonly title: string;
  /** What is lost, or what follows. */
  readonly children: ReactNode;
  readonly confirm: string;
  readonly danger?: boolean;
  /** The dialog closes when it resolves, and stays with the error when it does not. */
  readonly onConfirm: () => Promise<void>;
}

/** Runs it, and says whether it runs and how it failed. */
function useAttempt(run: () => Promise<void>) {
  const [busy, setBusy] = useState(false);
  const { failed } = useContext(UiTextsContext);
  const [failure, setFailure] = useState<string | null>(null);
  const attempt = async (): Promise<boolean> => {
    setBusy(true);
    setFailure(null);
    try {
      await run();
      return true;
    } catch (error) {
      setFailure(error instanceof Error ? error.message : failed);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, failure, attempt };
}

const CONTENT =
  'fixed top-1/2 left-1/2 z-50 flex w-[min(32rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 flex-col gap-4 rounded-lg border border-line bg-surface p-5 shadow-xl';

/** Asks before something that cannot be taken back. */
export const Confirm = ({ trigger, title, children, confirm, danger = false, onConfirm, ...given }: ConfirmProps) => {
  const [own, setOwn] = useState(false);
  const open = given.open ?? own;
  const setOpen = given.onOpenChange ?? setOwn;
  const { busy, failure, attempt } = useAttempt(onConfirm);
  const { cancel } = useContext(UiTextsContext);
  const run = () => void attempt().then((done) => done && setOpen(false));
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      {trigger !== null && <Dialog.Trigger asChild>{trigger}</Dialog.Trigger>}
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/50" />
        <Dialog.Content className={CONTENT}>
          <Dialog.Title className="text-base font-semibold">{title}</Dialog.Title>
          <Dialog.Description asChild>
            <div className="flex flex-col gap-3 text-muted">{children}</div>
          </Dialog.Description>
          {failure !== null && (
            <p role="alert" className="text-bad">
              {failure}
            </p>
          )}
          <div className="flex justify-end gap-2">
            <Dialog.Close asChild>
              <Button>{cancel}</Button>
            </Dialog.Close>
            <Button tone={danger ? 'danger' : 'primary'} disabled={busy} onClick={run}>
              {confirm}
            </Button>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
};
