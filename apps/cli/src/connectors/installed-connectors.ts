import { source as anthropic } from '@aileron/connector-anthropic';
import { source as linear } from '@aileron/connector-linear';
import type { ConnectorSource } from '@aileron/connectors';

/** The connectors that ship with Aileron. */
export function installedConnectors(): readonly ConnectorSource[] {
  return [anthropic, linear];
}
