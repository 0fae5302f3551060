import { randomUUID } from 'node:crypto';
import { type AgentAdapter, findTalkingAgent, systemClock } from '@aileron/agents';
import { AileronError } from '@aileron/errors';
import type { AgentInstallation, WorkspaceRuntimeConfig } from '../config.js';
import { prefixLauncher } from './prefix-launcher.js';

export interface AgentKindView {
  readonly kind: string;
  /** For people. */
  readonly title: string;
  readonly version: string;
  readonly modes: readonly string[];
}

interface Kind {
  readonly title: string;
  readonly adapter: AgentAdapter;
}

/** The kinds of agents that can be started here. @throws AileronError AGENT_UNAVAILABLE for one that nobody knows */
export class AgentKinds {
  readonly #kinds: ReadonlyMap<string, Kind>;

  constructor(config: WorkspaceRuntimeConfig) {
    this.#kinds = new Map(config.agents.map((installation) => [installation.kind, kindOf(installation, config)]));
  }

  list(): AgentKindView[] {
    return [...this.#kinds].map(([kind, { title, adapter }]) => ({
      kind,
      title,
      version: adapter.version,
      modes: adapter.capabilities.modes,
    }));
  }

  /** @throws AileronError AGENT_UNAVAILABLE, naming those there are */
  find(kind: string): AgentAdapter {
    const found = this.#kinds.get(kind);
    if (found !== undefined) return found.adapter;
    throw new AileronError('AGENT_UNAVAILABLE', { agent: kind.slice(0, 64), known: [...this.#kinds.keys()] });
  }
}

function kindOf({ kind, installDirectory, command }: AgentInstallation, config: WorkspaceRuntimeConfig): Kind {
  const { title, createAdapter } = findTalkingAgent(kind);
  const { agentPrefix: prefix, agentEnvironment: environment } = config;
  const adapter = createAdapter({
    installed: { name: kind, version: '', directory: installDirectory, command },
    installDirectory,
    nodePath: config.nodeInside,
    projectDirectory: config.projectInside,
    promptHint: config.promptHint,
    anthropicPlaceholder: config.anthropicPlaceholder,
    launcher: prefixLauncher({ prefix, environment }),
    clock: systemClock,
    newId: randomUUID,
  });
  return { title, adapter };
}
