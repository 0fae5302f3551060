import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AileronError } from '@aileron/errors';
import { INSIDE, type ConnectorContents } from './sandbox-plan.js';

/** The bundled programs, seen from src (tests) and from dist alike. */
const PROGRAMS_DIRECTORY = fileURLToPath(new URL('../dist/inside/', import.meta.url));
/** A name that is safe as a file name and in a shell script. */
const COMMAND_NAME = /^[a-z][a-z0-9-]{0,62}$/;
const RESERVED_NAMES = new Set(['node', 'aileron']);

/**
 * Fills the folder that becomes /opt/aileron: programs, shims and their launchers. `bin/node` is left empty, for the running
 * Node is mounted over it.
 */
export async function writePlatformFolder(directory: string, shims: ConnectorContents['shims']): Promise<void> {
  const [bin, lib, shimSpecs] = ['bin', 'lib', 'shims'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  for (const each of [bin, lib, shimSpecs]) await mkdir(each, { recursive: true });
  for (const program of await programs()) await copyFile(join(PROGRAMS_DIRECTORY, program), join(lib, program));
  await writeFile(join(bin, 'node'), '', { mode: 0o755 });
  await writeFile(join(bin, 'aileron'), launcher('aileron.mjs'), { mode: 0o755 });
  for (const shim of shims) {
    if (!COMMAND_NAME.test(shim.name) || RESERVED_NAMES.has(shim.name)) {
      throw new AileronError('CONNECTOR_INVALID', {
        reason: `${shim.name.slice(0, 64)} cannot be the name of a command.`,
      });
    }
    await writeFile(join(shimSpecs, `${shim.name}.json`), shim.spec);
    await writeFile(join(bin, shim.name), launcher(`shim.mjs ${shim.name}`), { mode: 0o755 });
  }
}

async function programs(): Promise<string[]> {
  try {
    const files = (await readdir(PROGRAMS_DIRECTORY)).filter((name) => name.endsWith('.mjs'));
    if (files.length > 0) return files;
  } catch (cause) {
    throw missingPrograms(cause);
  }
  throw missingPrograms();
}

const missingPrograms = (cause?: unknown): AileronError =>
  new AileronError(
    'SANDBOX_UNAVAILABLE',
    { reason: 'The programs of the sandbox are missing; build the packages.' },
    { cause },
  );

/** Variables that would change what Node runs are the agent's own to set; these programs do not take them. */
const launcher = (programAndArguments: string): string =>
  `#!/bin/sh\nunset NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS\nexec ${INSIDE.node} ${INSIDE.platform}/lib/${programAndArguments} "$@"\n`;
