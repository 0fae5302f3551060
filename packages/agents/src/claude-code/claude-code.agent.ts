import type { AgentCommand, AgentDefinition, CommandInput } from '../agent-definition.js';
import { claudeEnvironment, settingsFile } from './claude-code.environment.js';
import { installClaudeCode } from './claude-code.install.js';
import { CLAUDE_CODE_VERSION } from './claude-code.package.js';

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
