import { z } from 'zod';

const Path = z.string().min(1).max(4_096);
const Argument = z.string().min(1).max(8_192);

/** A kind of agent that can be started here. */
const AgentInstallation = z.strictObject({
  /** For example claude-code or fake. */
  kind: z.string().min(1).max(64),
  /** Where its folder is as the agent sees it, and the program in it. */
  installDirectory: Path,
  command: Path,
});
export type AgentInstallation = z.infer<typeof AgentInstallation>;

/** What the runtime of one workspace is told at start. */
export const WorkspaceRuntimeConfig = z.strictObject({
  workspaceId: z.string().min(1).max(64),
  /** The project: what is below it is shown and edited, and nothing else. */
  projectDirectory: Path,
  /** The control group of the workspace, to say what it uses; null: the machine's figures. */
  cgroup: Path.nullable().default(null),
  agents: z.array(AgentInstallation).max(16).default([]),
  maxAgents: z.int().min(1).max(16).default(8),
  /** Puts the command that follows it into the agents' boundary. Empty: there is none (tests). */
  agentPrefix: z.array(Argument).max(256).default([]),
  /** What the prefix is started with; nothing of this process is inherited. */
  agentEnvironment: z.record(z.string().min(1).max(128), z.string().max(65_536)).default({}),
  /** The project and the Node binary as the agents see them. */
  projectInside: Path.default('/workspace'),
  nodeInside: Path.default('/opt/aileron/bin/node'),
  /** Appended to the agents' system prompt. */
  promptHint: z.string().max(16_384).default(''),
  /** What stands for the key of the model; never a real one. */
  anthropicPlaceholder: z.string().max(256).default(''),
});
export type WorkspaceRuntimeConfig = z.infer<typeof WorkspaceRuntimeConfig>;
/** Injects the WorkspaceRuntimeConfig. */
export const CONFIG = Symbol('WorkspaceRuntimeConfig');
/** Injects the name of this start: another one means that what was in memory is gone. */
export const BOOT_ID = Symbol('boot id');
