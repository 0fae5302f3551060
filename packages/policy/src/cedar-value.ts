import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';

const DEEPEST = 8;

/**
 * JSON values as Cedar's. What Cedar has no type for — fractions, null — is left out, as it is from the schema; a policy
 * that needs it finds it absent and fails, which denies.
 */
export function cedarRecord(values: Readonly<Record<string, unknown>>, depth = 0): Record<string, CedarValueJson> {
  const entries = Object.entries(values).map(([name, value]) => [name, cedarValue(value, depth)] as const);
  return Object.fromEntries(
    entries.filter((entry): entry is readonly [string, CedarValueJson] => entry[1] !== undefined),
  );
}

function cedarValue(value: unknown, depth: number): CedarValueJson | undefined {
  if (depth > DEEPEST) return undefined;
  if (typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value))
    return value as CedarValueJson;
  if (Array.isArray(value))
    return value.map((each) => cedarValue(each, depth + 1)).filter((each) => each !== undefined);
  if (typeof value !== 'object' || value === null) return undefined;
  // These keys would be read as entities and extension calls: an agent does not get to write those.
  if ('__entity' in value || '__extn' in value) return undefined;
  return cedarRecord(value as Record<string, unknown>, depth + 1);
}
