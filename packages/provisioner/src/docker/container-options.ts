import type { InstalledAgent } from '@aileron/agents';
import type { ContainerCreateOptions, MountSettings } from 'dockerode';
import type { WorkspaceLaunch } from '../provisioner.port.js';
import type { WorkspaceLimits } from './docker-provisioner.options.js';
import { PLACES, USERS } from './inside.js';
import type { LaunchFolder } from './launch-folder.js';
import { agentDirectory } from './part-configuration.js';
import { LABELS, resourceNames } from './resource-names.js';

export interface ContainerPlan {
  readonly launch: WorkspaceLaunch;
  readonly homeId: string;
  /** `sha256:…`: a name that moves between two calls changes nothing. */
  readonly imageId: string;
  readonly folder: LaunchFolder;
  readonly agents: readonly InstalledAgent[];
  readonly limits: WorkspaceLimits;
  /** Whose the proxy's socket is. */
  readonly proxyOwner: { readonly uid: number; readonly gid: number };
}

/** The whole container of a launch. No secret is in it: whoever may ask the engine reads all of this. */
export function containerOptions(plan: ContainerPlan): ContainerCreateOptions {
  const { launch, homeId } = plan;
  return {
    name: resourceNames(homeId, launch.workspaceId).container,
    Image: plan.imageId,
    Hostname: hostNameOf(launch.name),
    User: '0:0',
    WorkingDir: '/',
    Entrypoint: [PLACES.init],
    Cmd: [],
    Env: [
      `AILERON_PART_UID=${partUid()}`,
      `AILERON_PROXY_UID=${plan.proxyOwner.uid}`,
      `AILERON_PROXY_GID=${plan.proxyOwner.gid}`,
    ],
    Labels: {
      [LABELS.home]: homeId,
      [LABELS.workspace]: launch.workspaceId,
      [LABELS.launch]: String(launch.launch),
    },
    Healthcheck: { Test: ['NONE'] },
    StopSignal: 'SIGTERM',
    HostConfig: hostConfig(plan),
  };
}

function hostConfig(plan: ContainerPlan): NonNullable<ContainerCreateOptions['HostConfig']> {
  const { limits } = plan;
  return {
    NetworkMode: 'none',
    Privileged: false,
    ReadonlyRootfs: true,
    CapDrop: ['ALL'],
    // Of the first process, which gives the parts the first three and everything else none. The agent has none.
    CapAdd: ['SETUID', 'SETGID', 'KILL', 'SETPCAP'],
    SecurityOpt: ['no-new-privileges:true'],
    IpcMode: 'private',
    Tmpfs: { '/tmp': temporary(limits.temporaryBytes), '/var/tmp': temporary(limits.temporaryBytes) },
    Mounts: mountsOf(plan),
    Memory: limits.memoryBytes,
    MemorySwap: limits.memoryBytes,
    NanoCpus: Math.round(limits.cpus * 1e9),
    PidsLimit: limits.processes,
    Ulimits: [
      { Name: 'nofile', Soft: limits.openFiles, Hard: limits.openFiles },
      { Name: 'core', Soft: 0, Hard: 0 },
    ],
    LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '2' } },
    RestartPolicy: { Name: 'no' },
  };
}

const temporary = (bytes: number): string => `rw,nosuid,nodev,exec,mode=1777,size=${bytes}`;

const partUid = (): number => {
  const own = process.getuid?.() ?? 0;
  return own === 0 ? USERS.part.uid : own;
};

function mountsOf({ launch, homeId, folder, agents }: ContainerPlan): MountSettings[] {
  const { volumes } = resourceNames(homeId, launch.workspaceId);
  const volume = (Source: string, Target: string): MountSettings => ({ Type: 'volume', Source, Target });
  const readOnly = (Source: string, Target: string): MountSettings => ({
    Type: 'bind',
    Source,
    Target,
    ReadOnly: true,
  });
  return [
    volume(volumes.project, PLACES.project),
    volume(volumes.home, PLACES.home),
    { Type: 'bind', Source: folder.parts, Target: PLACES.parts },
    readOnly(launch.session.runtimeDirectory, PLACES.proxy),
    readOnly(folder.open('runtime'), PLACES.runtime),
    readOnly(folder.open('settings'), PLACES.settings),
    readOnly(folder.open('platform'), PLACES.platform),
    readOnly(folder.open('etc/ca-certificates.crt'), PLACES.certificates),
    // The engine would show the name servers of the host.
    readOnly(folder.open('etc/resolv.conf'), '/etc/resolv.conf'),
    ...agents.map(({ name, directory }) => readOnly(directory, agentDirectory(name))),
  ];
}

/** RFC 1123. */
const hostNameOf = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '') || 'workspace';
