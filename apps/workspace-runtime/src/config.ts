import { z } from 'zod';

/** What the runtime of one workspace is told at start. */
export const WorkspaceRuntimeConfig = z.strictObject({
  workspaceId: z.string().min(1).max(64),
  /** The project: what is below it is shown and edited, and nothing else. */
  projectDirectory: z.string().min(1).max(4_096),
  /** The control group of the workspace, to say what it uses; null: the machine's figures. */
  cgroup: z.string().min(1).max(4_096).nullable().default(null),
});
export type WorkspaceRuntimeConfig = z.infer<typeof WorkspaceRuntimeConfig>;
/** Injects the WorkspaceRuntimeConfig. */
export const CONFIG = Symbol('WorkspaceRuntimeConfig');
/** Injects the name of this start: another one means that what was in memory is gone. */
export const BOOT_ID = Symbol('boot id');
