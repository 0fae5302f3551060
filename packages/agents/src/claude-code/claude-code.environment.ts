import type { AgentFile, AgentPlacement } from '../agent-definition.js';

/** Claude Code keeps the last twenty characters of an API key that its user approved. */
const APPROVED_KEY_CHARACTERS = 20;

/** What keeps Claude Code from asking, reporting and updating; its key is the connector's placeholder. */
export function claudeEnvironment(placeholder: string): Record<string, string> {
  return {
    ANTHROPIC_API_KEY: placeholder,
    IS_SANDBOX: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    DISABLE_BUG_COMMAND: '1',
    DISABLE_INSTALLATION_CHECKS: '1',
    // A tool call may wait for a person: as long as the shim waits, and a little more.
    BASH_DEFAULT_TIMEOUT_MS: '660000',
    BASH_MAX_TIMEOUT_MS: '3600000',
  };
}

/** ~/.claude.json: onboarding done, this placeholder approved, this folder trusted. */
export function settingsFile(input: AgentPlacement): AgentFile {
  const settings = {
    hasCompletedOnboarding: true,
    theme: 'dark',
    bypassPermissionsModeAccepted: true,
    customApiKeyResponses: { approved: [input.anthropicPlaceholder.slice(-APPROVED_KEY_CHARACTERS)], rejected: [] },
    projects: { [input.projectDirectory]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } },
  };
  return { path: '.claude.json', content: JSON.stringify(settings, null, 2) };
}
