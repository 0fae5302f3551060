import type { FoundResource } from '@aileron/lifecycle';
import type { Secret } from '@aileron/vault';

/** What makes workspaces: processes of this machine, Docker, Kubernetes. All calls are idempotent and end with their signal. */
export interface WorkspaceProvisioner {
  readonly kind: 'local' | 'docker' | 'kubernetes';
  /** Names of the steps that `launch` tells of, in order. Absent: it tells of none, and is one step. */
  readonly launchSteps?: readonly string[];

  /** What keeps it from being used and what to do about it, in a sentence; null when it can be used. */
  missing(signal: AbortSignal): Promise<string | null>;

  /** Makes the volume of a workspace, or finds the one that is there. Only a `create` operation asks for it. */
  ensureVolume(workspaceId: string, signal: AbortSignal): Promise<void>;

  /**
   * Starts runtime and terminal on the volume that is there; ends what an earlier launch left running. The same launch
   * again is the one that runs. Resolves once both listen.
   *
   * @throws AileronError VOLUME_MISSING, IMAGE_UNAVAILABLE, PROVISIONER_UNAVAILABLE, LAUNCH_FAILED
   */
  launch(launch: WorkspaceLaunch, progress: LaunchProgress, signal: AbortSignal): Promise<WorkspaceEndpoints>;

  /** Where the parts of a launch listen, whether they run or not: a manager that was started again finds them by it. */
  endpointsOf(workspaceId: string, launch: number): WorkspaceEndpoints;

  /** Ends one part and starts it again in the launch that runs. */
  restartComponent(
    target: { readonly workspaceId: string; readonly launch: number; readonly component: 'runtime' | 'terminal' },
    signal: AbortSignal,
  ): Promise<void>;

  /** Ends all that runs of the workspace, what agents left behind too; the volume stays. Succeeds when nothing runs. */
  stop(workspaceId: string, signal: AbortSignal): Promise<void>;

  /** Ends all and removes all, the volume too. `force`: without asking anything inside to end. Succeeds when nothing is there. */
  remove(workspaceId: string, options: { readonly force: boolean }, signal: AbortSignal): Promise<void>;

  inspect(workspaceId: string, signal: AbortSignal): Promise<Inspection>;

  /** Everything that carries our label, for the sweep. `complete` false: something may be missing from it. */
  list(signal: AbortSignal): Promise<{ readonly found: readonly FoundResource[]; readonly complete: boolean }>;

  /** Removes one thing that the sweep found without an owner. */
  removeResource(resource: FoundResource, signal: AbortSignal): Promise<void>;

  /** The last lines that a part wrote, at most 64 KiB. */
  logs(workspaceId: string, component: 'runtime' | 'terminal', signal: AbortSignal): Promise<string>;
}

/** One start of a workspace. */
export interface WorkspaceLaunch {
  readonly workspaceId: string;
  /** For people; becomes the host name inside. */
  readonly name: string;
  /** The fencing token of the operation: the label of what is started, and part of the path of its sockets. */
  readonly launch: number;
  readonly session: LaunchSession;
  /** Kinds of agents that can be started, for example claude-code and fake. */
  readonly agents: readonly string[];
  /** Of docker and kubernetes; null: the default image. */
  readonly image: string | null;
}

/** The execution-plane session of a launch: the only way out of it. */
export interface LaunchSession {
  readonly sessionId: string;
  readonly agentToken: Secret;
  /** On this host: holds `proxy.sock` and `ca.pem`; mounted read-only. */
  readonly runtimeDirectory: string;
}

export interface LaunchProgress {
  /** A step of the plan that the manager shows: numbered from 1 as `LAUNCH_STEPS` of the provisioner has them. */
  step(progress: {
    readonly name: string;
    readonly status: 'running' | 'done' | 'skipped';
    readonly bytes?: number;
  }): void;
  /** A line of raw text for people who look closer. */
  line(text: string): void;
}

/** Addresses for gRPC, `unix:` and a path. */
export interface WorkspaceEndpoints {
  readonly runtime: string;
  readonly terminal: string;
}

/** As the lifecycle's event `found` wants it. */
export interface Inspection {
  readonly container: 'running' | 'exited' | 'missing';
  readonly volume: 'present' | 'missing';
  /** Of what runs; null when nothing does. */
  readonly launch: number | null;
}
