import { cedarRecord } from './cedar-value.js';
import { Entity, KnownEntity, type NativeRequest } from './native-value.js';
import type { PolicyQuery } from './policy-query.js';

/** What Cedar's JSON does with a query: reads it as it is, in a way of its own (keys that begin with `__`), or not at all. */
export type Reading = 'plain' | 'escaped' | 'unreadable';

export function readingOf({ principal, action, resource, context, approvals = [] }: PolicyQuery): Reading {
  const { workspace = '', host, connector } = resource;
  const texts = [principal.userId, principal.agent, action, connector, host, workspace];
  const more = [context.method, context.host, context.egress];
  if (![...texts, ...more, ...principal.groups, ...approvals].every((text) => text.isWellFormed())) return 'unreadable';
  return readingOfJson(context.arguments);
}

/** Halves of surrogate pairs are no text: JSON can write them, nothing else can read them. */
function readingOfJson(value: unknown): Reading {
  if (typeof value === 'string') return value.isWellFormed() ? 'plain' : 'unreadable';
  if (typeof value !== 'object' || value === null) return 'plain';
  let reading: Reading = 'plain';
  for (const [name, each] of Object.entries(value)) {
    const inner = name.isWellFormed() ? readingOfJson(each) : 'unreadable';
    if (inner === 'unreadable') return inner;
    if (inner === 'escaped' || name.startsWith('__')) reading = 'escaped';
  }
  return reading;
}

/** A plain query, for policies that are functions. */
export function nativeRequest(query: PolicyQuery, approvals: readonly string[]): NativeRequest {
  const { principal, action, resource, context } = query;
  const { workspace, host, connector } = resource;
  const { method, egress } = context;
  return {
    principal: new KnownEntity(
      'User',
      principal.userId,
      { agent: principal.agent },
      principal.groups.map((id) => new Entity('Group', id)),
    ),
    action: new Entity('Action', action),
    resource: new KnownEntity('Connector', connector, workspace === undefined ? { host } : { host, workspace }),
    context: { method, host: context.host, egress, arguments: cedarRecord(context.arguments), approvals },
  };
}
