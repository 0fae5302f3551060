export { buildCatalogue, catalogueTable, type CatalogueAction } from './catalogue.js';
export { cedarSchema } from './cedar-schema.js';
export { compileConnector } from './compile-connector.js';
export {
  CONNECTOR_BUNDLE_TYPE,
  ConnectorBundle,
  readConnectorBundle,
  type ConnectorBundlePayload,
} from './connector-bundle.js';
export type {
  Approval,
  CanonicalRequest,
  Connector,
  ConnectorSource,
  CredentialScheme,
  Effect,
  GraphqlOperation,
  MatchResult,
  Operation,
  RestOperation,
  ShimSource,
  UsageKind,
} from './connector.js';
export { defaultPolicies, type DefaultPolicy } from './default-policies.js';
export { generateShim, type GeneratedShim } from './generate-shim.js';
export { GraphqlDocuments } from './graphql-request.js';
export type { JsonSchema } from './json-schema.js';
export { OperationMatcher, type HeadMatch } from './operation-matcher.js';
export { PRICE_TABLE_VERSION, priceUsd, type Charges } from './price-table.js';
export { ShimSpec } from './shim-spec.js';
export { StrictJsonReader } from './strict-json-reader.js';
export { usageReader, type Usage, type UsageReader } from './usage-reader.js';
