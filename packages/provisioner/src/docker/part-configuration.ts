import type { InstalledAgent } from '@aileron/agents';
import type { Connector } from '@aileron/connectors';
import { connectorContents, sandboxEnvironment } from '@aileron/sandbox';
import type { WorkspaceLaunch } from '../provisioner.port.js';
import { AGENT_PREFIX, PLACES } from './inside.js';

export interface PartInput {
  readonly connectors: readonly Connector[];
  readonly promptHint: string;
  readonly agents: readonly InstalledAgent[];
  /** The control group as the runtime sees it. */
  readonly cgroup: string | null;
}

/** What each part is told at its start: the configurations of apps/workspace-runtime and apps/workspace-terminal. */
export function partConfigurations(
  { workspaceId, session }: WorkspaceLaunch,
  { connectors, promptHint, agents, cgroup }: PartInput,
): Readonly<Record<'runtime' | 'terminal', object>> {
  const { placeholderEnv } = connectorContents(connectors);
  const environment = sandboxEnvironment({
    agentToken: session.agentToken.exposeString(),
    agentEnv: {},
    placeholderEnv,
  });
  const anthropic = connectors.find(({ name }) => name === 'anthropic');
  return {
    runtime: {
      workspaceId,
      projectDirectory: PLACES.project,
      cgroup,
      agentPrefix: AGENT_PREFIX,
      agentEnvironment: environment,
      agents: agents.map(({ name, command }) => ({ kind: name, installDirectory: agentDirectory(name), command })),
      promptHint,
      anthropicPlaceholder: anthropic?.credential.placeholder ?? '',
    },
    terminal: {
      workspaceId,
      command: [...AGENT_PREFIX, '/bin/bash', '-l'],
      workingDirectory: '/',
      environment: { ...environment, SHELL: '/bin/bash' },
    },
  };
}

/** Where an installed agent is inside. */
export const agentDirectory = (name: string): string => `${PLACES.agents}/${name}`;
