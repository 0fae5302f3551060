import { describe, expect, it } from '@jest/globals';
import { COMMON_ERRORS, type Route } from '../workspace/route.js';
import { WORKSPACE_ROUTES } from '../workspace/routes.js';
import { openApiDocument } from './open-api-document.js';

const codes = [...COMMON_ERRORS, ...Object.values<Route>(WORKSPACE_ROUTES).flatMap(({ errors }) => errors)];
const errors = Object.fromEntries(codes.map((code) => [code, { http: 400, message: `${code}.` }]));
const document = JSON.parse(JSON.stringify(openApiDocument(WORKSPACE_ROUTES, { version: '1.0.0', errors }))) as {
  paths: Record<string, Record<string, { operationId: string; parameters?: { name: string; in: string }[] }>>;
  components: { schemas: Record<string, unknown> };
};

describe('the OpenAPI document of the workspace plane', () => {
  it('has each route once, by its id', () => {
    const ids = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(ids.toSorted()).toEqual(Object.keys(WORKSPACE_ROUTES).toSorted());
  });

  it('declares every parameter of every path', () => {
    for (const [path, methods] of Object.entries(document.paths)) {
      const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { parameters = [] } of Object.values(methods)) {
        expect(parameters.filter((own) => own.in === 'path').map(({ name }) => name)).toEqual(wanted);
      }
    }
  });

  it('refers only to what it has', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
      ([, reference = '']) => reference,
    );
    const known = new Set(Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`));
    expect(references.filter((reference) => !known.has(reference))).toEqual([]);
  });

  it('refuses a code that the error table does not have', () => {
    expect(() => openApiDocument(WORKSPACE_ROUTES, { version: '1.0.0', errors: {} })).toThrow(
      'is not in the error table',
    );
  });
});
