import { source as anthropic } from '@aileron/connector-anthropic';
import { source as linear } from '@aileron/connector-linear';
import { compileConnector } from '@aileron/connectors';
import { createDockerProvisioner, createLocalProvisioner, type WorkspaceProvisioner } from '@aileron/provisioner';
import type { Clock } from '@aileron/service-host';
import type { Logger } from '@aileron/telemetry';
import type { WorkspaceManagerConfig } from '../config.js';

type Settings = Exclude<WorkspaceManagerConfig['provisioners'], readonly unknown[]>;

/** The provisioners of a manager that runs alone. */
export function makeProvisioners(
  { local, docker }: Settings,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): WorkspaceProvisioner[] {
  const connectors = [anthropic, linear].map(compileConnector);
  return [
    ...(local === undefined ? [] : [createLocalProvisioner({ ...local, connectors, clock, log })]),
    ...(docker === undefined ? [] : [createDockerProvisioner({ ...docker, connectors })]),
  ];
}
