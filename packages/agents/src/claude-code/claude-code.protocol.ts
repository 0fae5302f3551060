import type { AgentCommand, AgentPlacement } from '../agent-definition.js';
import type { PermissionMode } from '../conversation/agent-adapter.js';
import type { AgentProtocol, Beginning, ProtocolDriver } from '../conversation/protocol-driver.js';
import { ClaudeConnection } from './claude-code.connection.js';
import { claudeEnvironment, settingsFile } from './claude-code.environment.js';
import { CLAUDE_MODE } from './claude-code.modes.js';
import { CLAUDE_CODE_VERSION } from './claude-code.package.js';
import { ClaudePlan } from './claude-code.plan.js';

/** Claude Code over stream-json: https://docs.claude.com/en/docs/claude-code/headless */
export function claudeCodeProtocol(placement: AgentPlacement): AgentProtocol {
  return {
    name: 'claude-code',
    version: CLAUDE_CODE_VERSION,
    capabilities: {
      modes: ['ask', 'accept-edits', 'plan', 'bypass'],
      interrupt: true,
      resume: true,
      fork: true,
      questions: true,
      suggestions: true,
      plan: true,
    },
    createDriver: () => createDriver(placement),
  };
}

function createDriver(placement: AgentPlacement): ProtocolDriver {
  const plan = new ClaudePlan();
  const { projectDirectory } = placement;
  return {
    command: (beginning, mode) => conversationCommand(placement, beginning, mode),
    connect: ({ conversationId }, mode) => new ClaudeConnection({ projectDirectory, mode, conversationId, plan }),
  };
}

const STREAMING = [
  '--print',
  '--input-format',
  'stream-json',
  '--output-format',
  'stream-json',
  '--verbose',
  '--include-partial-messages',
  '--forward-subagent-text',
  // Each message is echoed when it is in the transcript: what was not, is sent again after a crash.
  '--replay-user-messages',
  '--permission-prompt-tool',
  'stdio',
];

function conversationCommand(placement: AgentPlacement, beginning: Beginning, mode: PermissionMode): AgentCommand {
  const program = `${placement.installDirectory}/${placement.installed.command}`;
  const options = ['--permission-mode', CLAUDE_MODE[mode], '--append-system-prompt', placement.promptHint];
  return {
    argv: [program, ...STREAMING, ...options, ...beginningOptions(beginning)],
    env: {
      ...claudeEnvironment(placement.anthropicPlaceholder),
      // Its own word on whether it works, instead of a guess from its messages.
      CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS: '1',
      CLAUDE_CODE_ENABLE_TODO_TOOLS: '1',
    },
    files: [settingsFile(placement)],
  };
}

function beginningOptions(beginning: Beginning): string[] {
  switch (beginning.kind) {
    case 'new':
      return ['--session-id', beginning.conversationId];
    case 'resume':
      return ['--resume', beginning.conversationId];
    case 'fork':
      return ['--resume', beginning.from, '--fork-session', '--session-id', beginning.conversationId];
  }
}
