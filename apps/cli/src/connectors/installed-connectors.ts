import { source as anthropic } from '@aileron/connector-anthropic';
import { source as linear } from '@aileron/connector-linear';
import { compileConnector, type Connector, type ConnectorSource } from '@aileron/connectors';

/** The connectors that ship with Aileron. */
export function installedConnectors(): readonly ConnectorSource[] {
  return [anthropic, linear];
}

let compiled: readonly Connector[] | undefined;

/** The same, compiled once. */
export function compiledConnectors(): readonly Connector[] {
  compiled ??= installedConnectors().map(compileConnector);
  return compiled;
}
