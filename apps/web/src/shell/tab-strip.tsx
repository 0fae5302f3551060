import { Button } from '@aileron/ui';
import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { Tab } from './tab.js';

export interface TabStripProps {
  /** Of all of them together. */
  readonly label: string;
  readonly tabs: readonly { readonly id: string; readonly title: ReactNode }[];
  readonly current: string;
  readonly onSelect: (id: string) => void;
  /** The button that opens one more. */
  readonly add: { readonly label: string; readonly disabled: boolean; readonly onAdd: () => void };
  /** What can be done with the one that is shown. */
  readonly children?: ReactNode;
}

/** Several things of a kind of which one is shown, and the way to one more. */
export const TabStrip = ({ label, tabs, current, onSelect, add, children }: TabStripProps) => (
  <div className="flex shrink-0 items-center border-b border-line bg-surface pr-1">
    <div role="group" aria-label={label} className="flex min-w-0 flex-1 overflow-x-auto">
      {tabs.map(({ id, title }) => (
        <Tab key={id} selected={id === current} onSelect={() => onSelect(id)}>
          {title}
        </Tab>
      ))}
    </div>
    {children}
    <Button tone="quiet" size="icon" aria-label={add.label} disabled={add.disabled} onClick={() => add.onAdd()}>
      <Plus aria-hidden />
    </Button>
  </div>
);
