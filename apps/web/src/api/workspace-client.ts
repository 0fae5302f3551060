import { createWorkspaceClient } from '@aileron/contracts/workspace-client';
import { NOT_REACHABLE, ProblemError } from './problem.js';

/** Every call of the workspace plane, on the page's own origin. @throws ProblemError */
export const workspaces = createWorkspaceClient({
  baseUrl: '',
  fetch: (url, init) =>
    fetch(url, init).catch((error: unknown) => {
      if (init.signal.aborted) throw error;
      throw NOT_REACHABLE;
    }),
  refusal: (problem) => new ProblemError(problem),
});
