import type { ApprovalView } from '@aileron/contracts/rest';
import { Button, TextField } from '@aileron/ui';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Check, X } from 'lucide-react';
import { useState } from 'react';
import { type Me, meQuery } from '../api/me.js';
import { problemOf } from '../api/problem.js';
import { t } from '../i18n/translate.js';
import { type Answer, decide } from './decide.js';

function useDecision(approval: ApprovalView, me: Me | undefined) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (answer: Answer) => {
      if (me !== undefined) await decide(approval, me, answer);
    },
    onSettled: () =>
      Promise.all(['approval', 'approvals'].map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  });
}

/** Yes or no, signed by this browser's key. */
export const DecisionForm = ({ approval }: { readonly approval: ApprovalView }) => {
  const me = useQuery(meQuery).data;
  const [reason, setReason] = useState('');
  const { mutate, isPending, error } = useDecision(approval, me);
  if (me?.decides !== true) return <DecideElsewhere approvalId={approval.approvalId} />;
  const answer = (decision: Answer['decision']) => mutate({ decision, reason: reason.trim() || null });
  return (
    <form
      className="flex flex-col gap-3 border-t border-line pt-4"
      onSubmit={(event) => {
        event.preventDefault();
        answer('approve');
      }}
    >
      <TextField
        label={t('Reason (the agent reads it when you deny)')}
        value={reason}
        maxLength={1_024}
        onChange={({ target }) => setReason(target.value)}
      />
      {error !== null && (
        <p role="alert" className="text-bad">
          {problemOf(error).message} {problemOf(error).action}
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        <Button tone="primary" type="submit" disabled={isPending}>
          <Check aria-hidden /> {t('Approve once')}
        </Button>
        <Button disabled={isPending} onClick={() => answer('deny')}>
          <X aria-hidden /> {t('Deny')}
        </Button>
      </div>
    </form>
  );
};

const DecideElsewhere = ({ approvalId }: Pick<ApprovalView, 'approvalId'>) => (
  <p className="text-muted">
    {t('Decide it in the terminal:')} <code>aileron approval approve {approvalId}</code>
  </p>
);
