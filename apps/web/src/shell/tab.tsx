import { classNames } from '@aileron/ui';
import type { ReactNode } from 'react';

/** One of several things of which one is shown. */
export const Tab = ({
  selected,
  onSelect,
  children,
}: {
  readonly selected: boolean;
  readonly onSelect: () => void;
  readonly children: ReactNode;
}) => (
  <button
    type="button"
    aria-pressed={selected}
    className={classNames(
      '-mb-px max-w-48 shrink-0 truncate border-b-2 px-3 py-2 text-xs',
      selected ? 'border-accent font-medium text-text' : 'border-transparent text-muted hover:text-text',
    )}
    onClick={onSelect}
  >
    {children}
  </button>
);
