export { AGENTS, findAgent, findTalkingAgent, type TalkingAgent } from './agent-catalogue.js';
export type {
  AgentCommand,
  AgentDefinition,
  AgentFile,
  AgentPlacement,
  CommandInput,
  InstalledAgent,
  InstallInput,
  OnProgress,
} from './agent-definition.js';
export { claudeCode } from './claude-code/claude-code.agent.js';
export { createClaudeCodeAdapter } from './claude-code/claude-code.adapter.js';
export {
  DEFAULT_DEADLINES,
  type AgentAdapter,
  type AgentCapabilities,
  type AgentConversation,
  type AgentDeadlines,
  type AgentEnd,
  type AgentEventSink,
  type PermissionMode,
  type PromptAnswer,
  type ResumeOptions,
  type StartOptions,
  type UserMessage,
} from './conversation/agent-adapter.js';
export { systemClock, type AgentClock } from './conversation/agent-clock.js';
export { createProcessAdapter, type AdapterInput } from './conversation/process-adapter.js';
export type {
  AgentProtocol,
  Beginning,
  PromptEvent,
  ProtocolConnection,
  ProtocolDriver,
  ProtocolSignal,
} from './conversation/protocol-driver.js';
export { createFakeAdapter } from './fake/fake.adapter.js';
export { fakeAgent } from './fake/fake.agent.js';
export type { LaunchedProcess, LaunchRequest, ProcessExit, ProcessLauncher } from './process/process-launcher.js';
