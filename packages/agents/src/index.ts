export { AGENTS, findAgent } from './agent-catalogue.js';
export type {
  AgentCommand,
  AgentDefinition,
  AgentFile,
  CommandInput,
  InstalledAgent,
  InstallInput,
  OnProgress,
} from './agent-definition.js';
export { claudeCode } from './claude-code/claude-code.agent.js';
export { fakeAgent } from './fake/fake.agent.js';
