import type { Question } from '@aileron/contracts/agent-events';
import { Button, TextField, VisibleText } from '@aileron/ui';
import { useState } from 'react';
import { t } from '../../i18n/translate.js';
import { type PromptBody, PromptHead } from './prompt-head.js';

/** Questions of the agent, each with what it offers. */
export const QuestionBody = ({ request, prompt, busy, onAnswer }: PromptBody<'question'>) => {
  const [answers, setAnswers] = useState<Readonly<Record<string, string>>>({});
  const complete = request.questions.every(({ question }) => (answers[question] ?? '') !== '');
  const title = request.questions.map(({ header }) => header).filter(Boolean);
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (complete) onAnswer({ decision: 'allow', answers });
      }}
    >
      <PromptHead prompt={prompt} title={title.length === 0 ? t('The agent asks') : title.join(' · ')} />
      {request.questions.map((question) => (
        <QuestionField
          key={question.question}
          question={question}
          value={answers[question.question] ?? ''}
          disabled={prompt.answer !== null}
          onChange={(value) => setAnswers({ ...answers, [question.question]: value })}
        />
      ))}
      {prompt.answer === null && (
        <div className="flex gap-2">
          <Button tone="primary" type="submit" disabled={busy || !complete}>
            {t('Answer')}
          </Button>
          <Button disabled={busy} onClick={() => onAnswer({ decision: 'deny' })}>
            {t('Do not answer')}
          </Button>
        </div>
      )}
    </form>
  );
};

interface FieldProps {
  readonly question: Question;
  readonly value: string;
  readonly disabled: boolean;
  readonly onChange: (value: string) => void;
}

/** Options as they are offered, and room for another answer. */
const QuestionField = ({ question, value, disabled, onChange }: FieldProps) => {
  const chosen = value === '' ? [] : value.split(', ');
  const toggle = (label: string) => {
    if (!question.several) return onChange(label);
    return onChange((chosen.includes(label) ? chosen.filter((each) => each !== label) : [...chosen, label]).join(', '));
  };
  return (
    <fieldset className="flex flex-col gap-1.5" disabled={disabled}>
      <legend className="pb-1 break-words">
        <VisibleText text={question.question} />
      </legend>
      {question.options.map((option) => (
        <Option
          key={option.label}
          question={question}
          option={option}
          checked={chosen.includes(option.label)}
          onToggle={() => toggle(option.label)}
        />
      ))}
      {!disabled && (
        <TextField
          label={question.options.length === 0 ? t('Your answer') : t('Or in your words')}
          value={question.options.some(({ label }) => chosen.includes(label)) ? '' : value}
          maxLength={10_000}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
    </fieldset>
  );
};

const Option = ({
  question,
  option,
  checked,
  onToggle,
}: {
  readonly question: Question;
  readonly option: Question['options'][number];
  readonly checked: boolean;
  readonly onToggle: () => void;
}) => (
  <label className="flex items-start gap-2 rounded-md border border-line px-2.5 py-1.5">
    <input
      type={question.several ? 'checkbox' : 'radio'}
      name={question.question}
      checked={checked}
      onChange={onToggle}
      className="mt-0.5 size-4 shrink-0 accent-accent"
    />
    <span className="min-w-0">
      <VisibleText text={option.label} />
      <span className="block text-xs text-muted">
        <VisibleText text={option.description} />
      </span>
    </span>
  </label>
);
