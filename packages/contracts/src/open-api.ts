// The OpenAPI document of the workspace plane, made from its route table.
export { openApiDocument, type OpenApiOptions } from './open-api/open-api-document.js';
