import type { Connector, Operation, ShimSource } from './connector.js';
import { ShimSpec } from './shim-spec.js';

/** A connector's command on PATH: its name, and what the shim runtime reads, as JSON. */
export interface GeneratedShim {
  readonly name: string;
  readonly spec: string;
}

/** Null when no action has a command. */
export function generateShim(connector: Connector): GeneratedShim | null {
  const commands = connector.operations.flatMap((operation) =>
    operation.shim === null ? [] : [command(operation, operation.shim)],
  );
  if (commands.length === 0) return null;
  const { name, title, description, hosts, credential } = connector;
  const spec = {
    name,
    description: `${title}: ${description}`,
    host: hosts[0],
    port: 443,
    headers: { [credential.header]: `${credential.prefix}${credential.placeholder}` },
    commands,
  };
  return { name, spec: JSON.stringify(ShimSpec.parse(spec)) };
}

function command(operation: Operation, shim: ShimSource): object {
  const { name, description, effect, idempotent, approval, method, path } = operation;
  const { command: typed, document, options, output } = shim;
  const request =
    operation.kind === 'graphql'
      ? { kind: 'graphql', path, document, operationName: null }
      : { kind: 'rest', method, path };
  return { name: typed, operation: name, description, effect, idempotent, approval, options, request, output };
}
