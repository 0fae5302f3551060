import type { EntityJson } from '@cedar-policy/cedar-wasm/nodejs';
import { cedarRecord } from './cedar-value.js';

/** Who wants to do what with what. */
export interface PolicyQuery {
  readonly principal: { readonly userId: string; readonly agent: string; readonly groups: readonly string[] };
  /** Full name of an operation. */
  readonly action: string;
  readonly resource: { readonly connector: string; readonly host: string; readonly workspace?: string | undefined };
  readonly context: {
    readonly method: string;
    readonly host: string;
    readonly egress: string;
    readonly arguments: Readonly<Record<string, unknown>>;
  };
  /** Rules that were approved for this very request. */
  readonly approvals?: readonly string[];
}

/** The request and its entities as Cedar reads them. */
export function cedarRequest({ principal, action, resource, context }: PolicyQuery, approvals: readonly string[]) {
  const user = { type: 'User', id: principal.userId };
  const groups = principal.groups.map((id) => ({ type: 'Group', id }));
  const target = { type: 'Connector', id: resource.connector };
  const { workspace } = resource;
  const entities: EntityJson[] = [
    { uid: user, attrs: { agent: principal.agent }, parents: groups },
    { uid: target, attrs: { host: resource.host, ...(workspace === undefined ? {} : { workspace }) }, parents: [] },
  ];
  return {
    principal: user,
    action: { type: 'Action', id: action },
    resource: target,
    context: { ...context, arguments: cedarRecord(context.arguments), approvals: [...approvals] },
    entities,
  };
}
