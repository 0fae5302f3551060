import { z } from 'zod';

/** What the terminals of one workspace are told at start. */
export const WorkspaceTerminalConfig = z.strictObject({
  workspaceId: z.string().min(1).max(64),
  /** What runs in a terminal: a shell, or what puts one into the workspace's sandbox. */
  command: z.array(z.string().min(1).max(8_192)).min(1).max(256).default(['/bin/bash', '-l']),
  workingDirectory: z.string().min(1).max(4_096),
  /** All of it: nothing of this process is inherited. */
  environment: z.record(z.string().min(1).max(128), z.string().max(65_536)).default({}),
  maxTerminals: z.int().min(1).max(64).default(16),
  /** Lines above the screen that a newcomer is still shown. */
  scrollback: z.int().min(0).max(50_000).default(5_000),
});
export type WorkspaceTerminalConfig = z.infer<typeof WorkspaceTerminalConfig>;
/** Injects the WorkspaceTerminalConfig. */
export const CONFIG = Symbol('WorkspaceTerminalConfig');
/** Injects the name of this start: another one means that what was in memory is gone. */
export const BOOT_ID = Symbol('boot id');
