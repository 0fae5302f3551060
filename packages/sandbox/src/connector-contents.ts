import { buildCatalogue, generateShim, type Connector } from '@aileron/connectors';
import type { ConnectorContents } from './sandbox-plan.js';

/** What the connectors of a session show to its agent: commands, catalogue, the list of tools, placeholders. */
export function connectorContents(connectors: readonly Connector[]): ConnectorContents {
  const shims = connectors.map(generateShim).filter((shim) => shim !== null);
  const offered = connectors.filter((connector) => shims.some((shim) => shim.name === connector.name));
  return {
    shims,
    actionsJson: `${JSON.stringify(buildCatalogue(connectors), null, 2)}\n`,
    toolsText: [
      ...offered.map((connector) => `${connector.name}\t${connector.description}\t(${connector.name} --help)\n`),
      'aileron\tThis session: status, approvals, audit, actions.\t(aileron --help)\n',
    ].join(''),
    placeholderEnv: Object.fromEntries(
      connectors.map(({ credential }) => [credential.environment, credential.placeholder]),
    ),
  };
}
