import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const FILE = '@prisma/client/runtime/query_compiler_fast_bg.postgresql.wasm-base64.mjs';
/** Of the types of a browser alone. */
const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly: { compile(bytes: Uint8Array): Promise<object> };
};
let compiled: Promise<object> | null = null;

/**
 * The query compiler of Prisma, compiled once for all clients of a process. Its file is a module with one long text; imported, that
 * text would stay in memory twice, as source and as value, 9 MB together. So it is read, and forgotten.
 */
export function queryCompiler(): Promise<object> {
  compiled ??= compile();
  return compiled;
}

async function compile(): Promise<object> {
  const text = await readFile(createRequire(import.meta.url).resolve(FILE), 'latin1');
  const [start, end] = [text.indexOf('"') + 1, text.lastIndexOf('"')];
  return await WebAssembly.compile(Buffer.from(text.slice(start, end), 'base64'));
}
