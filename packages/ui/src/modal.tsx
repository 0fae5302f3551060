import { X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { Button } from './button.js';
import { classNames } from './class-names.js';

export interface ModalProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  /** What it is for; read out with the title. */
  readonly description?: ReactNode;
  readonly closeLabel: string;
  readonly children: ReactNode;
  readonly className?: string;
}

const CONTENT =
  'fixed inset-x-0 bottom-0 z-50 flex max-h-[92dvh] flex-col gap-4 overflow-y-auto rounded-t-xl border border-line bg-surface p-5 shadow-xl sm:inset-x-auto sm:top-1/2 sm:bottom-auto sm:left-1/2 sm:w-[min(36rem,calc(100vw-2rem))] sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-lg';

/** A dialog: in the middle, on a narrow screen from below. Esc closes it, the focus goes back to where it was. */
export const Modal = ({ open, onOpenChange, title, description, closeLabel, children, className }: ModalProps) => (
  <Dialog.Root open={open} onOpenChange={onOpenChange}>
    <Dialog.Portal>
      <Dialog.Overlay className="fixed inset-0 z-40 bg-black/50" />
      <Dialog.Content
        className={classNames(CONTENT, className)}
        {...(description === undefined && { 'aria-describedby': undefined })}
      >
        <div className="flex items-start gap-3">
          <Dialog.Title className="text-base font-semibold">{title}</Dialog.Title>
          <Dialog.Close asChild>
            <Button tone="quiet" size="icon" aria-label={closeLabel} className="-mt-2 -mr-2 ml-auto">
              <X aria-hidden />
            </Button>
          </Dialog.Close>
        </div>
        {description !== undefined && (
          <Dialog.Description asChild>
            <div className="-mt-2 text-muted">{description}</div>
          </Dialog.Description>
        )}
        {children}
      </Dialog.Content>
    </Dialog.Portal>
  </Dialog.Root>
);
