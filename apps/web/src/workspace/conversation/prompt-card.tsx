import type { PromptItem } from '@aileron/contracts/agent-events';
import { Card, VisibleText } from '@aileron/ui';
import { useMutation } from '@tanstack/react-query';
import { answerPrompt } from '../../api/agent-sessions.js';
import { problemOf } from '../../api/problem.js';
import { t } from '../../i18n/translate.js';
import { formatRelative } from '../../time/format.js';
import { PermissionBody } from './permission-body.js';
import type { PromptAnswer } from './prompt-head.js';
import { QuestionBody } from './question-body.js';

/** Something that the agent wants a person to say: allowed or not, or an answer. */
export const PromptCard = ({
  prompt,
  agentSessionId,
}: {
  readonly prompt: PromptItem;
  readonly agentSessionId: string;
}) => {
  const { request, answer, promptId } = prompt;
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: (given: PromptAnswer) => answerPrompt(agentSessionId, { promptId, ...given }),
  });
  const body = { prompt, busy: isPending || isSuccess, onAnswer: mutate };
  return (
    <Card
      role="group"
      aria-label={request.type === 'question' ? t('Question of the agent') : t('Permission')}
      className={answer === null ? 'border-warn/60' : ''}
    >
      <div className="flex flex-col gap-3 p-3">
        {request.type === 'question' ? (
          <QuestionBody request={request} {...body} />
        ) : (
          <PermissionBody request={request} {...body} />
        )}
        {answer === null && request.expiresAt !== null && (
          <p className="text-xs text-muted">
            {t('Denied by itself {when}', { when: formatRelative(request.expiresAt) })}
          </p>
        )}
        {error !== null && (
          <p role="alert" className="text-xs text-bad">
            {problemOf(error).message} {problemOf(error).action}
          </p>
        )}
        <AnswerText text={answer?.text ?? ''} />
      </div>
    </Card>
  );
};

const AnswerText = ({ text }: { readonly text: string }) =>
  text === '' ? null : (
    <p className="text-xs text-muted">
      <VisibleText text={text} />
    </p>
  );
