import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Connector } from '@aileron/connectors';
import { createDockerProvisioner, createLocalProvisioner, type WorkspaceProvisioner } from '@aileron/provisioner';
import type { Logger } from '@aileron/telemetry';
import { compiledConnectors } from '../connectors/installed-connectors.js';
import type { Home } from '../home/home.js';
import { PROMPT_HINT } from '../launch/prompt-hint.js';

export interface LocalProvisionersInput {
  readonly home: Home;
  readonly agentsDirectory: string;
  readonly dockerHost: string;
  readonly logger: Logger;
}

/** Made by `pnpm images`. */
const DOCKER_IMAGE = 'aileron/workspace:latest';

/** What makes workspaces on this machine; each says itself whether it can be used. */
export function localProvisioners(input: LocalProvisionersInput): WorkspaceProvisioner[] {
  const { home, agentsDirectory, logger } = input;
  const connectors = compiledConnectors();
  return [
    createLocalProvisioner({
      directory: home.path('workspaces'),
      nodePath: process.execPath,
      runtimeMain: mainBeside(import.meta.resolve('@aileron/workspace-runtime/service')),
      terminalMain: mainBeside(import.meta.resolve('@aileron/workspace-terminal/service')),
      connectors,
      promptHint: PROMPT_HINT,
      agentsDirectory,
      log: logger,
      clock: { now: () => Date.now() },
    }),
    ...dockerProvisioners(input, connectors),
  ];
}

/** None for an engine elsewhere: sockets of this machine are mounted into its containers. */
function dockerProvisioners(
  { home, agentsDirectory, dockerHost }: LocalProvisionersInput,
  connectors: readonly Connector[],
): WorkspaceProvisioner[] {
  if (!dockerHost.startsWith('unix:///')) return [];
  const docker = createDockerProvisioner({
    dockerHost,
    image: DOCKER_IMAGE,
    directory: home.path('docker'),
    // Two homes on one engine do not see each other's.
    homeId: createHash('sha256').update(home.root).digest('hex').slice(0, 16),
    connectors,
    promptHint: PROMPT_HINT,
    agentsDirectory,
  });
  return [docker];
}

const mainBeside = (service: string): string => fileURLToPath(new URL('main.js', service));
