import { t } from '../i18n/translate.js';

/** Places of a workspace; each has an address. */
export const PANELS = ['chat', 'changes', 'files', 'terminal', 'logs', 'details'] as const;
export type Panel = (typeof PANELS)[number];

/** Those that stand beside the conversation. */
export const CONTEXT_PANELS = ['changes', 'files', 'terminal', 'logs'] as const satisfies readonly Panel[];

export const PANEL_NAMES: Readonly<Record<Panel, string>> = {
  chat: t('Chat'),
  changes: t('Changes'),
  files: t('Files'),
  terminal: t('Terminal'),
  logs: t('Logs'),
  details: t('Details'),
};

/** What the address of a workspace says beside its id. */
export interface WorkspaceSearch {
  readonly panel?: Panel | undefined;
  readonly session?: string | undefined;
  readonly file?: string | undefined;
  readonly terminal?: string | undefined;
}
