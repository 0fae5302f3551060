import type { ApprovalState } from '@aileron/contracts/rest';
import { Badge, type Tone } from '@aileron/ui';
import { t } from '../i18n/translate.js';

const TONES: Readonly<Record<ApprovalState, Tone>> = {
  pending: 'warn',
  approved: 'accent',
  denied: 'bad',
  expired: 'neutral',
  cancelled: 'neutral',
  consumed: 'good',
};
const WORDS: Readonly<Record<ApprovalState, string>> = {
  pending: t('Waiting'),
  approved: t('Approved'),
  denied: t('Denied'),
  expired: t('Expired'),
  cancelled: t('Cancelled'),
  consumed: t('Approved and sent'),
};

export const ApprovalStateBadge = ({ state }: { readonly state: ApprovalState }) => (
  <Badge tone={TONES[state]}>{WORDS[state]}</Badge>
);
