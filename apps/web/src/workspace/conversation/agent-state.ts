import type { AgentState } from '@aileron/contracts/workspace';
import type { Tone } from '@aileron/ui';
import { t } from '../../i18n/translate.js';

/** What an agent does, in words. */
export const AGENT_STATES: Readonly<Record<AgentState, { readonly word: string; readonly tone: Tone }>> = {
  starting: { word: t('Starting'), tone: 'accent' },
  idle: { word: t('Idle'), tone: 'neutral' },
  working: { word: t('Working'), tone: 'good' },
  'waiting-approval': { word: t('Waits for an approval'), tone: 'warn' },
  'waiting-input': { word: t('Waits for you'), tone: 'warn' },
  failed: { word: t('Failed'), tone: 'bad' },
  ended: { word: t('Ended'), tone: 'neutral' },
  'context-lost': { word: t('Context lost'), tone: 'bad' },
};
