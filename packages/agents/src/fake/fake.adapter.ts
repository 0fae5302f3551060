import type { AgentCommand, AgentPlacement } from '../agent-definition.js';
import type { AgentAdapter, PermissionMode } from '../conversation/agent-adapter.js';
import { createProcessAdapter, type AdapterInput } from '../conversation/process-adapter.js';
import type { AgentProtocol, Beginning } from '../conversation/protocol-driver.js';
import { fakeAgent } from './fake.agent.js';
import { FakeConnection } from './fake.connection.js';

const PROGRAM = 'fake-conversation.program.mjs';

/** Conversations with our own agent, which does what it is told and needs no model: for tests and for demos offline. */
export function createFakeAdapter(input: AdapterInput): AgentAdapter {
  return createProcessAdapter(fakeProtocol(input), input);
}

function fakeProtocol(placement: AgentPlacement): AgentProtocol {
  return {
    name: fakeAgent.name,
    version: fakeAgent.version,
    capabilities: {
      modes: ['ask', 'bypass'],
      interrupt: true,
      resume: true,
      fork: true,
      questions: true,
      suggestions: true,
      plan: true,
    },
    createDriver: () => ({
      command: (beginning, mode) => fakeCommand(placement, beginning, mode),
      connect: (_beginning, mode) => new FakeConnection(mode),
    }),
  };
}

function fakeCommand(placement: AgentPlacement, beginning: Beginning, mode: PermissionMode): AgentCommand {
  const { kind, conversationId } = beginning;
  const from = beginning.kind === 'fork' ? [beginning.from] : [];
  const program = `${placement.installDirectory}/${PROGRAM}`;
  return { argv: [placement.nodePath, program, mode, kind, conversationId, ...from], env: {}, files: [] };
}
