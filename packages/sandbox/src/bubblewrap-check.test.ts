import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { checkBubblewrap } from './bubblewrap-check.js';
import { describeSandboxed } from './sandbox.fixture.js';

async function script(body: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'aileron-bwrap-')), 'bwrap');
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}

it('says what to install when bubblewrap is missing', async () => {
  await expect(checkBubblewrap({ paths: ['/nonexistent/bwrap'] })).rejects.toMatchObject({
    code: 'SANDBOX_UNAVAILABLE',
    details: { reason: 'bubblewrap is not installed.', remedy: expect.stringContaining('apt-get install bubblewrap') },
  });
});

it('refuses a bubblewrap that cannot forbid user namespaces', async () => {
  const path = await script('echo "bubblewrap 0.4.1"');
  await expect(checkBubblewrap({ paths: [path] })).rejects.toMatchObject({
    details: { reason: expect.stringContaining('0.4.1'), remedy: expect.stringContaining('0.8.0') },
  });
});

describeSandboxed('with real bubblewrap', () => {
  it('finds it', async () => {
    expect(await checkBubblewrap()).toMatchObject({
      path: expect.stringContaining('bwrap'),
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    });
  });

  it('says that namespaces are not permitted where they are not', async () => {
    // The real program, started where no further user namespace may be made.
    const path = await script(
      'case $1 in --version) exec /usr/bin/bwrap --version;; esac\n' +
        'exec /usr/bin/bwrap --unshare-user --disable-userns --cap-drop ALL --uid 1000 --gid 1000 --dev-bind / / -- /usr/bin/bwrap "$@"',
    );
    await expect(checkBubblewrap({ paths: [path] })).rejects.toMatchObject({
      code: 'SANDBOX_UNAVAILABLE',
      details: {
        reason: expect.stringMatching(/does not permit.*bubblewrap says: .+/),
        remedy: expect.stringMatching(/.+/),
      },
    });
  });
});
