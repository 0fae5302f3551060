import type { PermissionMode } from '../conversation/agent-adapter.js';

/** What `--permission-mode` is given for each mode. */
export const CLAUDE_MODE: Readonly<Record<PermissionMode, string>> = {
  ask: 'manual',
  'accept-edits': 'acceptEdits',
  plan: 'plan',
  bypass: 'bypassPermissions',
};

/** How Claude Code names the same mode in its answers. */
export const CLAUDE_MODE_REPORTED: Readonly<Record<PermissionMode, string>> = { ...CLAUDE_MODE, ask: 'default' };
