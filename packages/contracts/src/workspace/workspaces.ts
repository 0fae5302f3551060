import { z } from 'zod';
import { FirewallSettings } from './firewall.js';
import { WorkspaceId } from './ids.js';
import { QueryFlag } from './query.js';
import { Text } from './text.js';

export const Provisioner = z.enum(['local', 'docker', 'kubernetes']);
export type Provisioner = z.infer<typeof Provisioner>;
export const WorkspacePhase = z.enum(['creating', 'running', 'stopped', 'restarting', 'deleting', 'failed']);
export type WorkspacePhase = z.infer<typeof WorkspacePhase>;
export const ComponentName = z.enum(['runtime', 'terminal', 'browser', 'canvas', 'volume', 'policy']);
export type ComponentName = z.infer<typeof ComponentName>;
/** Components that can be restarted alone. */
export const RestartableComponent = z.enum(['runtime', 'terminal']);
export type RestartableComponent = z.infer<typeof RestartableComponent>;

export const WorkspaceName = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/, 'lower case letters, digits and hyphens, a letter or digit at both ends');

/** POST /api/v1/workspaces */
export const CreateWorkspaceRequest = z.strictObject({
  name: WorkspaceName,
  provisioner: Provisioner.default('local'),
  /** Default: that of the platform. */
  template: Text.min(1).max(63).optional(),
  /** An image for docker and kubernetes, pinned by digest once it is resolved. */
  image: Text.min(1).max(512).optional(),
  ...FirewallSettings.partial().shape,
});
export type CreateWorkspaceRequest = z.infer<typeof CreateWorkspaceRequest>;

/** PATCH /api/v1/workspaces/{id} */
export const UpdateWorkspaceRequest = z.strictObject({
  name: WorkspaceName.optional(),
  ...FirewallSettings.partial().shape,
});
export type UpdateWorkspaceRequest = z.infer<typeof UpdateWorkspaceRequest>;

/** One component as it was seen last. */
export const WorkspaceCondition = z.strictObject({
  component: ComponentName,
  status: z.enum(['unknown', 'waiting', 'ready', 'failed', 'absent']),
  /** A constant name, for example ImageNotFound. */
  reason: z.string().max(64),
  message: z.string().max(1_024),
  since: z.iso.datetime(),
  /** By when it is ready or tried again; null where nothing is awaited. */
  deadline: z.iso.datetime().nullable(),
  attempt: z.int().min(0),
});
export type WorkspaceCondition = z.infer<typeof WorkspaceCondition>;

/** A numbered step of the present transition. */
export const WorkspaceStep = z.strictObject({
  number: z.int().min(1),
  title: z.string().max(128),
  status: z.enum(['waiting', 'running', 'done', 'failed', 'skipped']),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  bytes: z.int().min(0).nullable(),
  error: z.string().max(1_024).nullable(),
});
export type WorkspaceStep = z.infer<typeof WorkspaceStep>;

/** Three words over the technical state. */
export const Attention = z.enum(['running', 'idle', 'needs-attention']);
export type Attention = z.infer<typeof Attention>;

export const WorkspaceView = z.strictObject({
  workspaceId: WorkspaceId,
  name: z.string(),
  provisioner: Provisioner,
  template: z.string().nullable(),
  phase: WorkspacePhase,
  /** Why it is in this phase, in words. */
  reason: z.string().max(1_024),
  attention: Attention,
  /** What needs attention: an approval, a question, a failure, lost context. */
  attentionReasons: z.array(z.enum(['approval', 'question', 'failure', 'context-lost', 'locked'])),
  conditions: z.array(WorkspaceCondition).max(16),
  steps: z.array(WorkspaceStep).max(64),
  /** Of the last intent; each change of what is wanted has a higher one. */
  generation: z.int().min(0),
  /** The execution-plane session, while it runs. */
  sessionId: z.string().nullable(),
  firewall: FirewallSettings,
  createdBy: z.string(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type WorkspaceView = z.infer<typeof WorkspaceView>;

/** GET /api/v1/workspaces?phase=&search=&limit=&cursor=, the newest first. */
export const ListWorkspacesQuery = z.strictObject({
  phase: WorkspacePhase.optional(),
  provisioner: Provisioner.optional(),
  search: Text.max(63).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(256).optional(),
});
export type ListWorkspacesQuery = z.infer<typeof ListWorkspacesQuery>;
export const ListWorkspacesResponse = z.strictObject({
  workspaces: z.array(WorkspaceView),
  /** Asks for the next page; null on the last. */
  nextCursor: z.string().nullable(),
});
export type ListWorkspacesResponse = z.infer<typeof ListWorkspacesResponse>;

/** DELETE /api/v1/workspaces/{id}?force= */
export const DeleteWorkspaceQuery = z.strictObject({
  /** Without asking anything inside to end, and at once also where an attempt goes on. */
  force: QueryFlag.default(false),
});
export type DeleteWorkspaceQuery = z.infer<typeof DeleteWorkspaceQuery>;

/** GET /health of the manager. */
export const WorkspaceHealth = z.strictObject({
  status: z.enum(['ok', 'degraded']),
  service: z.enum(['ok', 'unreachable']),
  database: z.enum(['ok', 'unreachable']),
  queue: z.enum(['ok', 'unreachable']),
});
export type WorkspaceHealth = z.infer<typeof WorkspaceHealth>;
