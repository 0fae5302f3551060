import { openApiDocument } from '../../packages/contracts/dist/open-api.js';
import { WORKSPACE_ROUTES } from '../../packages/contracts/dist/workspace.js';
import { ERROR_TABLE } from '../../packages/errors/dist/index.js';
import type { GeneratedFile } from './generated-file.ts';

export const OPEN_API = 'docs/openapi.json';

export function openApi(): GeneratedFile {
  const document = openApiDocument(WORKSPACE_ROUTES, { version: '0.1.0', errors: ERROR_TABLE });
  return { path: OPEN_API, text: `${JSON.stringify(document, null, 2)}\n` };
}
