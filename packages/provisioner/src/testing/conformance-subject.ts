import type { WorkspaceProvisioner } from '../provisioner.port.js';

/** A part of a launch. */
export interface ComponentOfLaunch {
  readonly workspaceId: string;
  readonly launch: number;
  readonly component: 'runtime' | 'terminal';
}

/** A kind of provisioner to be held to the port, in a place of its own. */
export interface ConformanceSubject {
  /** A new object over the same place, as a manager that was started again has it. */
  provisioner(): WorkspaceProvisioner;
  /** Ends a part at once, as the kernel does when memory runs out (SIGKILL). */
  killComponent(target: ComponentOfLaunch): Promise<void>;
  /** Processes, folders, containers, volumes of a workspace that are still there; empty when nothing is. */
  leftovers(workspaceId: string): Promise<readonly string[]>;
  /**
   * Paths as a command inside would name them: sockets, configuration and secrets of the launch, folders of others. None
   * may be read there. `/proc/1/environ` and its like belong here too.
   */
  forbiddenPaths(workspaceId: string, launch: number): readonly string[];
  /** Ends and removes whatever is left. */
  dispose(): Promise<void>;
}

/** Makes a subject for one case, which disposes of it. */
export type OpenSubject = () => Promise<ConformanceSubject>;

export interface ConformanceCase {
  readonly name: string;
  /** Rejects with what does not hold. Give it four minutes. */
  run(): Promise<void>;
}
