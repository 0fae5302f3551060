import type { Attention, WorkspaceView } from '@aileron/contracts/workspace';
import { Badge, classNames, type Tone } from '@aileron/ui';
import { t } from '../i18n/translate.js';

const WORDS: Readonly<Record<Attention, { readonly word: string; readonly tone: Tone }>> = {
  running: { word: t('Running'), tone: 'good' },
  idle: { word: t('Idle'), tone: 'neutral' },
  'needs-attention': { word: t('Needs attention'), tone: 'warn' },
};

const REASONS: Readonly<Record<WorkspaceView['attentionReasons'][number], string>> = {
  approval: t('an approval waits'),
  question: t('the agent asks'),
  failure: t('something failed'),
  'context-lost': t('context was lost'),
  locked: t('locked'),
};

const PHASES: Readonly<Record<WorkspaceView['phase'], string>> = {
  creating: t('Creating'),
  running: t('Running'),
  stopped: t('Stopped'),
  restarting: t('Restarting'),
  deleting: t('Deleting'),
  failed: t('Failed'),
};

export const attentionWord = (attention: Attention): string => WORDS[attention].word;
export const phaseWord = (phase: WorkspaceView['phase']): string => PHASES[phase];

/** One of three words, whatever goes on technically. */
export const AttentionBadge = ({ attention }: { readonly attention: Attention }) => (
  <Badge tone={WORDS[attention].tone}>{WORDS[attention].word}</Badge>
);

/** Why it needs somebody; empty when it does not. */
export const attentionText = ({ attentionReasons }: Pick<WorkspaceView, 'attentionReasons'>): string =>
  attentionReasons.map((reason) => REASONS[reason]).join(', ');

const DOTS: Readonly<Record<Attention, string>> = {
  running: 'bg-good',
  idle: 'bg-muted/60',
  'needs-attention': 'bg-warn',
};

/** The same word as a dot, where there is no room. */
export const AttentionDot = ({ attention }: { readonly attention: Attention }) => (
  <span className={classNames('inline-block size-2 shrink-0 rounded-full', DOTS[attention])}>
    <span className="sr-only">{WORDS[attention].word}</span>
  </span>
);
