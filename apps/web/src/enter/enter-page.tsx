import { Failure, SkeletonRows } from '@aileron/ui';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { problemOf } from '../api/problem.js';
import { send } from '../api/request.js';
import { t } from '../i18n/translate.js';
import { BarePage } from '../shell/bare-page.js';
import { LinkNeeded } from './link-needed.js';

const CODE = location.hash.slice(1);

/** Trades the link's code for a session; the code does not stay in the address. */
export const EnterPage = () => {
  const navigate = useNavigate();
  const { mutate, error } = useMutation({
    mutationFn: () => send('/api/enter', { method: 'POST', body: { code: CODE } }),
    onSuccess: () => navigate({ to: '/', replace: true }),
  });
  useEffect(() => {
    history.replaceState(null, '', '/enter');
    mutate();
  }, [mutate]);
  if (error === null)
    return (
      <BarePage>
        <SkeletonRows label={t('Loading')} />
      </BarePage>
    );
  const { problem, message, action } = problemOf(error);
  if (problem.status === 401 || problem.status === 400) return <LinkNeeded used={CODE !== ''} />;
  return (
    <BarePage>
      <Failure title={message} action={action} code={problem.code} onRetry={() => mutate()} />
    </BarePage>
  );
};
