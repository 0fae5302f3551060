import { AileronError } from '@aileron/errors';
import type { AgentDefinition } from './agent-definition.js';
import { createClaudeCodeAdapter } from './claude-code/claude-code.adapter.js';
import { claudeCode } from './claude-code/claude-code.agent.js';
import type { AgentAdapter } from './conversation/agent-adapter.js';
import type { AdapterInput } from './conversation/process-adapter.js';
import { createFakeAdapter } from './fake/fake.adapter.js';
import { fakeAgent } from './fake/fake.agent.js';

/** Every agent Aileron can start. */
export const AGENTS: readonly AgentDefinition[] = [claudeCode, fakeAgent];

const ALIASES: Readonly<Record<string, string>> = { claude: claudeCode.name };

/** @throws AileronError AGENT_UNAVAILABLE, naming those there are */
export function findAgent(name: string): AgentDefinition {
  const wanted = Object.hasOwn(ALIASES, name) ? ALIASES[name] : name;
  const agent = AGENTS.find((candidate) => candidate.name === wanted);
  if (agent === undefined) {
    throw new AileronError('AGENT_UNAVAILABLE', { agent: name.slice(0, 64), known: AGENTS.map((each) => each.name) });
  }
  return agent;
}

/** An agent that can be talked to. */
export interface TalkingAgent {
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly createAdapter: (input: AdapterInput) => AgentAdapter;
}

const TALKING_AGENTS: readonly TalkingAgent[] = [
  { name: claudeCode.name, title: 'Claude Code', createAdapter: createClaudeCodeAdapter },
  { name: fakeAgent.name, title: 'Fake agent', createAdapter: createFakeAdapter },
];

/** @throws AileronError AGENT_UNAVAILABLE, naming those there are */
export function findTalkingAgent(name: string): TalkingAgent {
  const agent = TALKING_AGENTS.find((candidate) => candidate.name === name);
  if (agent !== undefined) return agent;
  const known = TALKING_AGENTS.map((each) => each.name);
  throw new AileronError('AGENT_UNAVAILABLE', { agent: name.slice(0, 64), known });
}
