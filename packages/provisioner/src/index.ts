export type {
  Inspection,
  LaunchProgress,
  LaunchSession,
  WorkspaceEndpoints,
  WorkspaceLaunch,
  WorkspaceProvisioner,
} from './provisioner.port.js';
export { createLocalProvisioner } from './local/local-provisioner.js';
export type { LocalDeadlines, LocalProvisionerOptions } from './local/local-provisioner.options.js';
export { createDockerProvisioner } from './docker/docker-provisioner.js';
export type {
  DockerDeadlines,
  DockerProvisionerOptions,
  WorkspaceLimits,
} from './docker/docker-provisioner.options.js';
