import { Empty } from '@aileron/ui';
import { Link2 } from 'lucide-react';

/** Nobody is known here: the way in is a link that the terminal prints. */
export const LinkNeeded = ({ used = false }: { readonly used?: boolean }) => (
  <main>
    <Empty icon={<Link2 />} title={used ? 'This link is not good any more' : 'Open Aileron by its link'}>
      {used ? 'A link lets one browser in, once, within ten minutes. ' : ''}
      <code className="font-mono">aileron open</code> prints a new one in your terminal.
    </Empty>
  </main>
);
