import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Files of the pages that show the API, from the packages that are installed: nothing is fetched from elsewhere. */
const FILES = {
  'swagger-ui.css': [require.resolve('swagger-ui-dist/swagger-ui.css'), 'text/css; charset=utf-8'],
  'swagger-ui-bundle.js': [require.resolve('swagger-ui-dist/swagger-ui-bundle.js'), 'text/javascript; charset=utf-8'],
  'redoc.standalone.js': [require.resolve('redoc/bundles/redoc.standalone.js'), 'text/javascript; charset=utf-8'],
} as const;

/** The programs that start them: a page has no script of its own in it. */
const SCRIPTS = {
  'swagger-start.js': `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api', deepLinking: true, validatorUrl: null });\n`,
  'redoc-start.js': `Redoc.init('/openapi.json', { hideDownloadButton: true }, document.getElementById('api'));\n`,
} as const;

export interface DocAsset {
  readonly type: string;
  readonly content: Buffer;
}

const read = new Map<string, Promise<DocAsset>>();

/** Null: there is none of this name. */
export function docAsset(name: string): Promise<DocAsset> | null {
  if (Object.hasOwn(SCRIPTS, name)) {
    const content = Buffer.from(SCRIPTS[name as keyof typeof SCRIPTS]);
    return Promise.resolve({ type: 'text/javascript; charset=utf-8', content });
  }
  if (!Object.hasOwn(FILES, name)) return null;
  const [file, type] = FILES[name as keyof typeof FILES];
  const known = read.get(name) ?? readFile(file).then((content) => ({ type, content }));
  read.set(name, known);
  return known;
}

const page = (title: string, head: string, scripts: readonly string[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">${head}
</head>
<body>
<main id="api"></main>
${scripts.map((script) => `<script src="/docs/assets/${script}"></script>`).join('\n')}
</body>
</html>
`;

export const SWAGGER_PAGE = page(
  'Aileron workspaces: API',
  '\n<link rel="stylesheet" href="/docs/assets/swagger-ui.css">',
  ['swagger-ui-bundle.js', 'swagger-start.js'],
);
export const REDOC_PAGE = page('Aileron workspaces: reference', '', ['redoc.standalone.js', 'redoc-start.js']);

/** Both measure and colour by inline styles; the reference searches in a worker of its own text. */
export const DOC_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};
