import { Empty } from '@aileron/ui';
import { Link2 } from 'lucide-react';
import { t } from '../i18n/translate.js';
import { BarePage } from '../shell/bare-page.js';

/** Nobody is known here: the way in is a link that the terminal prints. */
export const LinkNeeded = ({ used = false }: { readonly used?: boolean }) => (
  <BarePage>
    <Empty icon={<Link2 />} title={used ? t('This link is not good any more') : t('Open Aileron by its link')}>
      {used && `${t('A link lets one browser in, once, within ten minutes.')} `}
      <code className="font-mono">aileron open</code> {t('prints a new one in your terminal.')}
    </Empty>
  </BarePage>
);
