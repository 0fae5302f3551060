import { z } from 'zod';
import { QueryFlag } from './query.js';

/** Relative to the project's folder, with `/`, without `.` and `..` as a part; empty for the folder itself. */
export const FilePath = z
  .string()
  .max(4_096)
  .refine((path) => path === '' || path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'), {
    message: 'must be a path inside the project',
  })
  .refine((path) => !path.includes('\u0000'), { message: 'must not contain NUL' });

/** GET /api/v1/workspaces/{id}/files?path= */
export const ListFilesQuery = z.strictObject({ path: FilePath.default('') });
export type ListFilesQuery = z.infer<typeof ListFilesQuery>;
export const FileEntry = z.strictObject({
  name: z.string(),
  path: z.string(),
  kind: z.enum(['file', 'directory', 'link', 'other']),
  bytes: z.int().min(0),
  modifiedAt: z.iso.datetime(),
});
export type FileEntry = z.infer<typeof FileEntry>;
export const ListFilesResponse = z.strictObject({
  path: z.string(),
  entries: z.array(FileEntry).max(5_000),
  /** More were there than are listed. */
  truncated: z.boolean(),
});
export type ListFilesResponse = z.infer<typeof ListFilesResponse>;

/** GET /api/v1/workspaces/{id}/files/content?path= */
export const ReadFileQuery = z.strictObject({ path: FilePath.min(1) });
export type ReadFileQuery = z.infer<typeof ReadFileQuery>;
export const FileContent = z.strictObject({
  path: z.string(),
  /** UTF-8 text; null for a file that is none, or is larger than 4 MiB. */
  text: z.string().nullable(),
  bytes: z.int().min(0),
  /** Changes with the content. */
  etag: z.string(),
});
export type FileContent = z.infer<typeof FileContent>;

/** PUT /api/v1/workspaces/{id}/files/content: 409 CONFLICT when the file is not what was read. */
export const SaveFileRequest = z.strictObject({
  path: FilePath.min(1),
  text: z.string().max(4_194_304),
  /** Of the content that was edited; null for a file that is new. */
  etag: z.string().max(128).nullable(),
});
export type SaveFileRequest = z.infer<typeof SaveFileRequest>;

export const SaveFileResponse = z.strictObject({ path: z.string(), bytes: z.int().min(0), etag: z.string() });
export type SaveFileResponse = z.infer<typeof SaveFileResponse>;

/** DELETE /api/v1/workspaces/{id}/files/content?path=&etag= */
export const DeleteFileQuery = z.strictObject({ path: FilePath.min(1), etag: z.string().max(128).optional() });
export type DeleteFileQuery = z.infer<typeof DeleteFileQuery>;

/** GET /api/v1/workspaces/{id}/git/status */
export const GitStatus = z.strictObject({
  repository: z.boolean(),
  branch: z.string().nullable(),
  ahead: z.int().min(0),
  behind: z.int().min(0),
  files: z
    .array(
      z.strictObject({
        path: z.string(),
        previousPath: z.string().nullable(),
        /** Of `git status --porcelain=v2`: one letter each, `.` for unchanged. */
        index: z.string().length(1),
        worktree: z.string().length(1),
      }),
    )
    .max(5_000),
  truncated: z.boolean(),
});
export type GitStatus = z.infer<typeof GitStatus>;

/** GET /api/v1/workspaces/{id}/git/diff?path=&staged= */
export const GitDiffQuery = z.strictObject({
  /** Absent: of everything. */
  path: FilePath.min(1).optional(),
  staged: QueryFlag.default(false),
});
export type GitDiffQuery = z.infer<typeof GitDiffQuery>;
export const GitDiff = z.strictObject({ path: z.string().nullable(), patch: z.string(), truncated: z.boolean() });
export type GitDiff = z.infer<typeof GitDiff>;

/** GET /api/v1/workspaces/{id}/stats */
export const WorkspaceStats = z.strictObject({
  at: z.iso.datetime(),
  cpuPercent: z.number().min(0),
  memoryBytes: z.int().min(0),
  memoryLimitBytes: z.int().min(0).nullable(),
  diskBytes: z.int().min(0),
  processes: z.int().min(0),
});
export type WorkspaceStats = z.infer<typeof WorkspaceStats>;
