import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeSandboxed, planFor, startTestProxy, type TestProxy } from './sandbox.fixture.js';
import type { SandboxPlan } from './sandbox-plan.js';
import { selfTest } from './self-test.js';

/** The real bubblewrap with more options after ours: a hole. */
async function bubblewrapWith(options: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'aileron-hole-')), 'bwrap');
  await writeFile(path, `#!/bin/sh\nfd=$2; shift 2\nexec /usr/bin/bwrap --args "$fd" ${options} "$@"\n`);
  await chmod(path, 0o755);
  return path;
}

describeSandboxed('the self-test finds a planted hole', () => {
  let proxy: TestProxy;
  let plan: SandboxPlan;
  beforeAll(async () => {
    proxy = await startTestProxy();
    plan = await planFor(proxy, { argv: ['/bin/true'] });
  });
  afterAll(() => proxy.close());

  const failuresWith = async (options: string): Promise<string[]> => {
    const holed = { ...plan, bubblewrapPath: await bubblewrapWith(options) };
    const error: unknown = await selfTest(holed, { signal: AbortSignal.timeout(20_000) }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'SANDBOX_UNAVAILABLE' });
    const { details } = error as { details: { failures: string[] } };
    return details.failures.map((failure) => failure.split(':')[0] ?? '');
  };

  it.each([
    ['the network of the host', '--share-net', 'host-loopback'],
    ['files of the host', '--ro-bind / /var', 'host-files'],
    ['a writable /proc', '--proc /proc', 'kernel-settings'],
    ['a writable folder of ours', '--tmpfs /opt/agent', 'read-only-root'],
    ['processes of the host', '--ro-bind /proc /proc', 'host-processes'],
    ['another user', '--uid 0', 'user'],
  ])('%s', async (_name, options, check) => {
    // What only root can open has nothing to show elsewhere.
    if (check === 'kernel-settings' && process.getuid?.() !== 0) return;
    expect(await failuresWith(options)).toContain(check);
  });

  it('a capability', async () => {
    if (process.getuid?.() !== 0) return;
    expect(await failuresWith('--cap-add CAP_NET_RAW')).toContain('capabilities');
  });
});
