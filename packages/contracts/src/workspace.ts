// The REST contract of the workspace plane: Zod schemas, one file a resource, and the table of its routes.
export * from './workspace/agent-sessions.js';
export * from './workspace/files.js';
export * from './workspace/firewall.js';
export * from './workspace/ids.js';
export * from './workspace/platform.js';
export * from './workspace/route.js';
export * from './workspace/routes.js';
export * from './workspace/streams.js';
export * from './workspace/terminals.js';
export * from './workspace/workspaces.js';
