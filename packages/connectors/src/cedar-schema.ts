import type { Connector } from './connector.js';
import { nonNull, type JsonSchema } from './json-schema.js';

type CedarType = Readonly<Record<string, unknown>>;

/**
 * The Cedar schema (JSON form) of what connectors offer: an action for each operation, with its typed arguments in the
 * context. Numbers that are no integers, and values of several types, are not in it: a policy cannot speak of them.
 */
export function cedarSchema(connectors: readonly Connector[]): string {
  const actions = connectors.flatMap(({ operations }) =>
    operations.map(({ name, parameters }) => [name, action(parameters)] as const),
  );
  return JSON.stringify({
    '': {
      entityTypes: {
        Group: {},
        User: { memberOfTypes: ['Group'], shape: record({ agent: { type: 'String', required: true } }) },
        Connector: {
          shape: record({ host: { type: 'String', required: true }, workspace: { type: 'String', required: false } }),
        },
      },
      actions: Object.fromEntries(actions),
    },
  });
}

function action(parameters: JsonSchema): CedarType {
  return {
    appliesTo: {
      principalTypes: ['User'],
      resourceTypes: ['Connector'],
      context: record({
        method: { type: 'String', required: true },
        host: { type: 'String', required: true },
        egress: { type: 'String', required: true },
        approvals: { type: 'Set', element: { type: 'String' }, required: true },
        arguments: { ...argumentsType(parameters), required: true },
      }),
    },
  };
}

const record = (attributes: Readonly<Record<string, CedarType>>): CedarType => ({ type: 'Record', attributes });

function argumentsType(schema: JsonSchema): CedarType {
  const attributes: Record<string, CedarType> = {};
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    const type = typeOf(child);
    if (type !== null) attributes[name] = { ...type, required: false };
  }
  return record(attributes);
}

function typeOf(schema: JsonSchema): CedarType | null {
  switch (schema.type) {
    case 'string':
      return { type: 'String' };
    case 'integer':
      return { type: 'Long' };
    case 'boolean':
      return { type: 'Boolean' };
    case 'object':
      return argumentsType(schema);
    case 'array': {
      const element = schema.items === undefined ? null : typeOf(schema.items);
      return element === null ? null : { type: 'Set', element };
    }
    default: {
      // A null is left out of the context, as an absent value is.
      const schemaOfValue = nonNull(schema);
      return schemaOfValue === null ? null : typeOf(schemaOfValue);
    }
  }
}
