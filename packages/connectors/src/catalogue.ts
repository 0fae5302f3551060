import type { Approval, Connector, Effect } from './connector.js';
import type { JsonSchema } from './json-schema.js';

/** An entry of /etc/aileron/actions.json: what an agent can ask for. */
export interface CatalogueAction {
  readonly name: string;
  readonly connector: string;
  readonly title: string;
  readonly description: string;
  readonly effect: Effect;
  readonly idempotent: boolean;
  readonly approval: Approval;
  /** How to call it from a shell, where there is a command. */
  readonly command: string | null;
  readonly arguments: JsonSchema;
}

export function buildCatalogue(connectors: readonly Connector[]): readonly CatalogueAction[] {
  return connectors.flatMap((connector) =>
    connector.operations.map(({ name, title, description, effect, idempotent, approval, shim, parameters }) => ({
      name,
      connector: connector.name,
      title,
      description,
      effect,
      idempotent,
      approval,
      command: shim === null ? null : `${connector.name} ${shim.command}`,
      arguments: parameters,
    })),
  );
}

/** The same as a table for the documentation. */
export function catalogueTable(connectors: readonly Connector[]): string {
  const rows = buildCatalogue(connectors).map(
    (a) =>
      `| \`${a.name}\` | ${a.description.replaceAll('|', '\\|')} | ${a.effect} | ${a.approval} | ${a.command === null ? '' : `\`${a.command}\``} |`,
  );
  return [
    '| action | what it does | effect | policy by default | command |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}
