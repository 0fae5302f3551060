import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { findAgent, type AgentDefinition, type InstalledAgent } from '@aileron/agents';
import type { SessionView, StartSessionResponse } from '@aileron/contracts/rest';
import {
  connectorContents,
  INSIDE,
  prepareSandbox,
  runInSandbox,
  type SandboxExit,
  type SandboxProcess,
} from '@aileron/sandbox';
import type { Secret } from '@aileron/vault';
import type { LocalApi } from '../api/local-api.js';
import { compiledConnectors } from '../connectors/installed-connectors.js';
import type { Home } from '../home/home.js';
import { unlockLocalUser } from '../vault/open-vault.js';
import { deliverLease } from '../vault/unlock-sessions.js';
import { PROMPT_HINT } from './prompt-hint.js';

export interface LaunchInput {
  readonly api: LocalApi;
  readonly home: Home;
  readonly agentsDirectory: string;
  readonly agent: string;
  /** Null: the agent's own interactive screen. */
  readonly prompt: string | null;
  readonly projectDirectory: string;
  readonly passphrase: Secret;
  readonly stdio: 'inherit' | 'capture';
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
  /** When the agent runs. */
  readonly onRunning?: (running: RunningAgent) => void;
}

export interface RunningAgent {
  readonly sessionId: string;
  readonly process: SandboxProcess;
  /** On the host: what the sandbox shows the agent, its home included. */
  readonly stateDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface LaunchResult {
  readonly session: SessionView;
  readonly agent: { readonly name: string; readonly version: string };
  readonly exit: SandboxExit;
}

/**
 * Installs the agent, starts a session, gives it its keys, runs the agent in a sandbox whose only way out is the session,
 * and ends the session. What can fail before the session — the passphrase, the agent — fails before it.
 */
export async function launch(input: LaunchInput): Promise<LaunchResult> {
  const definition = findAgent(input.agent);
  const keys = await unlockLocalUser(input.api, input.passphrase);
  const installed = await definition.install({
    directory: input.agentsDirectory,
    signal: input.signal,
    onProgress: input.onProgress,
  });
  const started = await input.api.startSession({ agent: definition.name });
  try {
    await deliverLease({ ...input, keys, session: started.session, now: new Date() });
    const exit = await runAgent(input, { definition, installed, started });
    return { session: started.session, agent: { name: installed.name, version: installed.version }, exit };
  } finally {
    await input.api.endSession(started.session.sessionId);
  }
}

interface ReadyToRun {
  readonly definition: AgentDefinition;
  readonly installed: InstalledAgent;
  readonly started: StartSessionResponse;
}

async function runAgent(input: LaunchInput, { definition, installed, started }: ReadyToRun): Promise<SandboxExit> {
  await mkdir(input.home.sessionsDirectory, { recursive: true, mode: 0o700 });
  const stateDirectory = await mkdtemp(`${input.home.sessionsDirectory}/`);
  try {
    const connectors = compiledConnectors();
    const command = definition.command({
      installed,
      installDirectory: INSIDE.agent,
      nodePath: INSIDE.node,
      projectDirectory: INSIDE.project,
      prompt: input.prompt,
      interactive: input.prompt === null,
      promptHint: PROMPT_HINT,
      anthropicPlaceholder: connectors.find(({ name }) => name === 'anthropic')?.credential.placeholder ?? '',
    });
    const plan = await prepareSandbox({
      sessionId: started.session.sessionId,
      agentToken: started.agentToken,
      runtimeDirectory: started.runtimeDirectory,
      projectDirectory: input.projectDirectory,
      stateDirectory,
      protectedDirectories: [input.home.root],
      contents: connectorContents(connectors),
      promptHint: PROMPT_HINT,
      agent: { ...command, installDirectory: installed.directory },
    });
    const process = await runInSandbox(plan, { stdio: input.stdio, signal: input.signal });
    input.onRunning?.({ sessionId: plan.sessionId, process, stateDirectory, environment: plan.environment });
    return await process.exited;
  } finally {
    await rm(stateDirectory, { recursive: true, force: true });
  }
}
