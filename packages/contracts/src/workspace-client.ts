// The client of the workspace plane: for the page, the command line and anybody's program. It runs in a browser.
export {
  createWorkspaceClient,
  type WorkspaceClient,
  type WorkspaceClientOptions,
} from './workspace-client/workspace-client.js';
export type { BytesReader, Fetch, FetchInit, FetchResponse } from './workspace-client/http.js';
export { ProblemError } from './workspace-client/problem-error.js';
