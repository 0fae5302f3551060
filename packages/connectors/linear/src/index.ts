import { readFileSync } from 'node:fs';

const read = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');

/** Linear: a `ConnectorSource` of @aileron/connectors. */
export const source = { name: 'linear', openapi: read('openapi.yaml'), overlay: read('connector.yaml') } as const;
