import { existsSync } from 'node:fs';
import { runProgram } from './run-program.js';

/** Program → the Debian package that has it. Squid must be the build with OpenSSL: the other one cannot bump TLS. */
const PROGRAMS = {
  '/usr/lib/squid/security_file_certgen': 'squid-openssl',
  '/usr/bin/mitmdump': 'mitmproxy',
  '/usr/bin/hey': 'hey',
  '/usr/bin/openssl': 'openssl',
} as const;
/** What a workspace of this machine is made with. */
export const WORKSPACE_PROGRAMS = { '/usr/bin/bwrap': 'bubblewrap', '/usr/bin/git': 'git' } as const;

const INSTALL_WITHIN_MS = 600_000;

/** Installs what is missing, where that can be done. What cannot be had is found out by whoever needs it. */
export async function installPrograms(
  note: (line: string) => void,
  programs: Readonly<Record<string, string>> = PROGRAMS,
): Promise<void> {
  const missing = Object.entries(programs).flatMap(([program, name]) => (existsSync(program) ? [] : [name]));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    note(`missing, and only root on Debian installs it: ${missing.join(', ')}`);
    return;
  }
  note(`installs ${missing.join(', ')}`);
  const options = { timeoutMs: INSTALL_WITHIN_MS, environment: { DEBIAN_FRONTEND: 'noninteractive' } };
  try {
    await runProgram('apt-get', ['update', '-qq'], options);
    // A package that starts a daemon of its own when it is installed would take part in the run.
    await runProgram('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], options);
  } catch (error) {
    note(`not installed: ${error instanceof Error ? error.message.slice(0, 500) : String(error)}`);
  }
}
