import { fileURLToPath } from 'node:url';

/**
 * A program of Node that puts a command into the sandbox of a plan, seen from src and from dist alike:
 * `node <it> <file with the plan as JSON, 0600> -- <command…>`.
 */
export const ENTER_PROGRAM = fileURLToPath(new URL('../dist/enter/enter.mjs', import.meta.url));
