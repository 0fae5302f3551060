import { WORKSPACE_ROUTES, type Route, type WorkspaceRouteId } from '@aileron/contracts/workspace';
import { AileronError } from '@aileron/errors';

interface StreamRoute {
  readonly id: WorkspaceRouteId;
  readonly pattern: RegExp;
}

/** Fixed parts before parameters, as the router of plain requests has it. */
const ROUTES: readonly StreamRoute[] = (Object.entries(WORKSPACE_ROUTES) as [WorkspaceRouteId, Route][])
  .filter(([, { stream }]) => stream !== undefined)
  .toSorted(([, one], [, other]) => one.path.split('{').length - other.path.split('{').length)
  .map(([id, { path }]) => ({ id, pattern: new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]{1,128})')}$`) }));

export interface StreamRequest {
  readonly id: WorkspaceRouteId;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | string[]>>;
}

/** The stream that a target names. @throws AileronError NOT_FOUND */
export function matchStreamRoute(target: string): StreamRequest {
  const url = URL.parse(target, 'http://localhost');
  for (const { id, pattern } of url === null ? [] : ROUTES) {
    const match = pattern.exec(url?.pathname ?? '');
    if (match === null) continue;
    const query: Record<string, string | string[]> = {};
    for (const name of url?.searchParams.keys() ?? []) {
      const values = url?.searchParams.getAll(name) ?? [];
      query[name] = values.length === 1 ? (values[0] ?? '') : values;
    }
    return { id, params: { ...match.groups }, query };
  }
  throw new AileronError('NOT_FOUND');
}
