import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { PageWeight } from './workspace-result.js';

const PAGE = fileURLToPath(new URL('../../../apps/web/dist', import.meta.url));
const ASSETS = 'assets';
const ENTRIES = /<script[^>]*?src="\/assets\/([^"]+\.js)"/g;
const LINKED = /<(?:script|link)[^>]*?(?:src|href)="\/assets\/([^"]+\.js)"/g;
const STYLES = /<link[^>]*?href="\/assets\/([^"]+\.css)"/g;
const NAMED = /["'`](?:\.|assets)\/([\w.-]+\.js)["'`]/g;

/**
 * What a browser loads before the page shows anything: the scripts of index.html, and what its entry names, for that one
 * imports the application as its last act, with all that it needs.
 */
export function pageWeight(folder = PAGE): PageWeight {
  const html = readFileSync(join(folder, 'index.html'), 'utf8');
  const read = (file: string): Buffer => readFileSync(join(folder, ASSETS, file));
  const gzippedBytes = (file: string): number => gzipSync(read(file)).length;
  const named = found(html, ENTRIES).flatMap((entry) => found(read(entry).toString('utf8'), NAMED));
  const files = [...new Set([...found(html, LINKED), ...named])];
  if (files.length === 0) throw new Error(`${folder} holds no page that was built`);
  const first = files.map((file) => ({ file: basename(file), gzippedBytes: gzippedBytes(file) }));
  const styleGzippedBytes = found(html, STYLES).reduce((total, file) => total + gzippedBytes(file), 0);
  return { first: first.toSorted((a, b) => b.gzippedBytes - a.gzippedBytes), styleGzippedBytes };
}

const found = (text: string, what: RegExp): string[] => [...text.matchAll(what)].map(([, file = '']) => file);
