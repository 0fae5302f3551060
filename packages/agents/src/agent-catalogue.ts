import { AileronError } from '@aileron/errors';
import type { AgentDefinition } from './agent-definition.js';
import { claudeCode } from './claude-code/claude-code.agent.js';
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
