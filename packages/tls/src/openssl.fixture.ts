import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the openssl of this machine says, in a folder with these files. Throws when it is not content. */
export function openssl(files: Readonly<Record<string, string | Uint8Array>>, ...command: readonly string[]): string {
  const cwd = mkdtempSync(join(tmpdir(), 'aileron-tls-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content);
    return execFileSync('openssl', command, { cwd, stdio: 'pipe', timeout: 10_000 }).toString();
  } finally {
    rmSync(cwd, { recursive: true });
  }
}
