import type { ProxiedRequest } from '../proxied-request.js';
import type { ShimCommand, ShimOption, ShimSpec } from './shim-spec.js';

type Tree = { [name: string]: unknown };

/** The HTTPS request of a command: the same arguments make the same bytes, so that a repeated call finds its approval. */
export function buildRequest(
  spec: ShimSpec,
  command: ShimCommand,
  values: ReadonlyMap<ShimOption, unknown>,
): ProxiedRequest {
  const tree: Tree = Object.create(null) as Tree;
  // In the order of the specification, not of the command line.
  for (const option of command.options) {
    if (values.has(option)) place(tree, option.into, values.get(option));
  }
  const target = { host: spec.host, port: spec.port };
  const { request } = command;
  if (request.kind === 'graphql') {
    const operationName = request.operationName === null ? {} : { operationName: request.operationName };
    const body = JSON.stringify({ query: request.document, ...operationName, variables: tree['variables'] ?? {} });
    return { ...target, method: 'POST', path: request.path, headers: jsonHeaders(spec), body };
  }
  const path = `${fillPath(request.path, asTree(tree['path']))}${queryString(asTree(tree['query']))}`;
  const body = tree['body'] === undefined ? null : JSON.stringify(tree['body']);
  return {
    ...target,
    method: request.method,
    path,
    headers: body === null ? plainHeaders(spec) : jsonHeaders(spec),
    body,
  };
}

const plainHeaders = (spec: ShimSpec): Record<string, string> => ({
  accept: 'application/json',
  'accept-encoding': 'identity',
  'user-agent': `aileron-shim/${spec.name}`,
  ...spec.headers,
});

const jsonHeaders = (spec: ShimSpec): Record<string, string> => ({
  ...plainHeaders(spec),
  'content-type': 'application/json',
});

function place(tree: Tree, path: readonly string[], value: unknown): void {
  const last = path.at(-1);
  if (last === undefined) return;
  let node = tree;
  for (const name of path.slice(0, -1)) node = (node[name] ??= Object.create(null)) as Tree;
  node[last] = value;
}

const asTree = (value: unknown): Tree => (typeof value === 'object' && value !== null ? (value as Tree) : {});

function fillPath(template: string, values: Tree): string {
  return template.replaceAll(/\{([^}]+)\}/g, (_match, name: string) => encodeURIComponent(scalar(values[name])));
}

function queryString(values: Tree): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const each of Array.isArray(value) ? (value as unknown[]) : [value]) query.append(name, scalar(each));
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

const scalar = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? ''));
