import type { AgentAdapter } from '../conversation/agent-adapter.js';
import { createProcessAdapter, type AdapterInput } from '../conversation/process-adapter.js';
import { claudeCodeProtocol } from './claude-code.protocol.js';

/** Conversations with Claude Code. The placement's program must be installed; see `claudeCode.install`. */
export function createClaudeCodeAdapter(input: AdapterInput): AgentAdapter {
  return createProcessAdapter(claudeCodeProtocol(input), input);
}
