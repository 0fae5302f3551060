import type { ApprovalState } from '@aileron/contracts/rest';
import { Badge, type Tone } from '@aileron/ui';

const TONES: Readonly<Record<ApprovalState, Tone>> = {
  pending: 'warn',
  approved: 'accent',
  denied: 'bad',
  expired: 'neutral',
  cancelled: 'neutral',
  consumed: 'good',
};
const WORDS: Readonly<Record<ApprovalState, string>> = {
  pending: 'Waiting',
  approved: 'Approved',
  denied: 'Denied',
  expired: 'Expired',
  cancelled: 'Cancelled',
  consumed: 'Approved and sent',
};

export const ApprovalStateBadge = ({ state }: { readonly state: ApprovalState }) => (
  <Badge tone={TONES[state]}>{WORDS[state]}</Badge>
);
