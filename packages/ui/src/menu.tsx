import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { classNames } from './class-names.js';

export interface MenuItem {
  readonly label: string;
  readonly icon?: ReactNode;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly onSelect: () => void;
}

/** What can be done with a thing, behind one button. */
export const Menu = ({ trigger, items }: { readonly trigger: ReactNode; readonly items: readonly MenuItem[] }) => (
  <DropdownMenu.Root modal={false}>
    <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
    <DropdownMenu.Portal>
      <DropdownMenu.Content
        align="end"
        sideOffset={4}
        className="z-50 min-w-44 rounded-md border border-line bg-surface p-1 shadow-lg"
      >
        {items.map(({ label, icon, danger = false, disabled = false, onSelect }) => (
          <DropdownMenu.Item
            key={label}
            disabled={disabled}
            onSelect={onSelect}
            className={classNames(
              'flex cursor-default items-center gap-2 rounded px-2.5 py-1.5 -outline-offset-2 select-none data-highlighted:bg-raised data-disabled:opacity-50 [&_svg]:size-4',
              danger && 'text-bad',
            )}
          >
            {icon}
            {label}
          </DropdownMenu.Item>
        ))}
      </DropdownMenu.Content>
    </DropdownMenu.Portal>
  </DropdownMenu.Root>
);
