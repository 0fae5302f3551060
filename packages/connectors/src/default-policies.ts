import type { Connector } from './connector.js';

/** A text of policies and where it ranks. The policy package compiles it. */
export interface DefaultPolicy {
  readonly id: string;
  readonly layer: 'connector';
  readonly cedar: string;
}

const ASK_TTL_SECONDS = 900;

/** What a connector's marks mean as policies: permit what is marked allow or ask, and ask for what is marked ask. */
export function defaultPolicies(connectors: readonly Connector[]): DefaultPolicy[] {
  return connectors.map((connector) => {
    const permitted = connector.operations.filter(({ approval }) => approval !== 'deny').map(({ name }) => name);
    const asked = connector.operations.filter(({ approval }) => approval === 'ask').map(({ name }) => name);
    const permit = permitted.length === 0 ? [] : [permitPolicy(connector.name, permitted)];
    return {
      id: `connector/${connector.name}`,
      layer: 'connector',
      cedar: [...permit, ...asked.map(askPolicy)].join('\n'),
    };
  });
}

function permitPolicy(connector: string, operations: readonly string[]): string {
  const actions = operations.map((name) => `Action::${JSON.stringify(name)}`).join(', ');
  return `@id("${connector}-permit")\npermit (principal, action in [${actions}], resource);`;
}

function askPolicy(operation: string): string {
  const name = JSON.stringify(operation);
  return [
    `@id("${operation}-ask")`,
    `@ask(${name})`,
    '@approvers("owner")',
    '@quorum("1")',
    `@ttl("${ASK_TTL_SECONDS}")`,
    `forbid (principal, action == Action::${name}, resource)`,
    `unless { context.approvals.contains(${name}) };`,
  ].join('\n');
}
