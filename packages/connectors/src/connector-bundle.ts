import { z } from 'zod';
import type { Connector } from './connector.js';

export const CONNECTOR_BUNDLE_TYPE = 'application/vnd.aileron.connector-bundle+json';

/**
 * The signed payload. Its connectors were compiled by the administrator who signs; what a proxy checks is the signature
 * and the frame.
 */
export const ConnectorBundle = z.looseObject({
  tenantId: z.string().max(64),
  version: z.int().min(1),
  issuedAt: z.iso.datetime(),
  connectors: z
    .array(
      z.looseObject({
        name: z.string(),
        digest: z.string(),
        hosts: z.array(z.string()).min(1),
        operations: z.array(z.looseObject({ name: z.string() })),
      }),
    )
    .max(1_000),
});

export interface ConnectorBundlePayload {
  readonly tenantId: string;
  readonly version: number;
  readonly issuedAt: string;
  readonly connectors: readonly Connector[];
}

/** A verified payload's bytes as a bundle. @throws ZodError */
export function readConnectorBundle(payload: Uint8Array): ConnectorBundlePayload {
  return ConnectorBundle.parse(JSON.parse(new TextDecoder().decode(payload))) as unknown as ConnectorBundlePayload;
}
