import type { PromptItem } from '@aileron/contracts/agent-events';
import type { AnswerPromptRequest } from '@aileron/contracts/workspace';
import { Badge, type Tone, VisibleText } from '@aileron/ui';
import { MessageCircleQuestion, ShieldQuestion } from 'lucide-react';
import { t } from '../../i18n/translate.js';

export type PromptAnswer = Omit<AnswerPromptRequest, 'promptId'>;

/** What the inside of a card is given. */
export interface PromptBody<T extends PromptItem['request']['type']> {
  readonly request: Extract<PromptItem['request'], { type: T }>;
  readonly prompt: PromptItem;
  readonly busy: boolean;
  readonly onAnswer: (answer: PromptAnswer) => void;
}

const OUTCOMES: Readonly<
  Record<NonNullable<PromptItem['answer']>['outcome'], { readonly word: string; readonly tone: Tone }>
> = {
  allowed: { word: t('Allowed'), tone: 'good' },
  denied: { word: t('Denied'), tone: 'bad' },
  answered: { word: t('Answered'), tone: 'good' },
  expired: { word: t('Expired'), tone: 'warn' },
  cancelled: { word: t('Cancelled'), tone: 'neutral' },
};

/** What is asked, and what became of it. */
export const PromptHead = ({ prompt, title }: { readonly prompt: PromptItem; readonly title: string }) => {
  const Icon = prompt.request.type === 'question' ? MessageCircleQuestion : ShieldQuestion;
  return (
    <p className="flex items-start gap-2 font-medium">
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
      <span className="min-w-0 flex-1 break-words">
        <VisibleText text={title} />
      </span>
      {prompt.answer !== null && (
        <Badge tone={OUTCOMES[prompt.answer.outcome].tone}>{OUTCOMES[prompt.answer.outcome].word}</Badge>
      )}
    </p>
  );
};
