import type { AgentCommand, AgentDefinition, AgentFile, CommandInput } from '../agent-definition.js';
import { installClaudeCode } from './claude-code.install.js';
import { CLAUDE_CODE_VERSION } from './claude-code.package.js';

/** Claude Code keeps the last twenty characters of an API key that its user approved. */
const APPROVED_KEY_CHARACTERS = 20;

/** Anthropic's Claude Code, started so that it asks nothing: the sandbox and the proxy are what holds it. */
export const claudeCode: AgentDefinition = {
  name: 'claude-code',
  version: CLAUDE_CODE_VERSION,
  connectors: ['anthropic'],
  install: installClaudeCode,
  command: claudeCommand,
};

function claudeCommand(input: CommandInput): AgentCommand {
  const program = `${input.installDirectory}/${input.installed.command}`;
  // Its own permission prompts would be answered by nobody; what may happen is decided outside, at the proxy.
  const common = ['--dangerously-skip-permissions', '--append-system-prompt', input.promptHint];
  const oneShot = ['-p', '--output-format', 'stream-json', '--verbose'];
  const argv = [program, ...(input.interactive ? [] : oneShot), ...common];
  // After `--`, so that a prompt that begins with a dash is a prompt.
  if (input.prompt !== null) argv.push('--', input.prompt);
  return { argv, env: claudeEnvironment(input.anthropicPlaceholder), files: [settingsFile(input)] };
}

function claudeEnvironment(placeholder: string): Record<string, string> {
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
function settingsFile(input: CommandInput): AgentFile {
  const settings = {
    hasCompletedOnboarding: true,
    theme: 'dark',
    bypassPermissionsModeAccepted: true,
    customApiKeyResponses: { approved: [input.anthropicPlaceholder.slice(-APPROVED_KEY_CHARACTERS)], rejected: [] },
    projects: { [input.projectDirectory]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } },
  };
  return { path: '.claude.json', content: JSON.stringify(settings, null, 2) };
}
