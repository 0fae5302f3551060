import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { prepareSandbox } from './prepare-sandbox.js';
import { runInSandbox } from './run-in-sandbox.js';
import { describeSandboxed, EMPTY_CONTENTS, planFor, run, startTestProxy, type TestProxy } from './sandbox.fixture.js';
import type { SandboxPlan } from './sandbox-plan.js';
import { SELF_TEST_CHECKS } from './self-test-report.js';
import { selfTest } from './self-test.js';
import { spawnInSandbox } from './sandbox-process.js';

const SHELL = ['/bin/sh', '-c'] as const;

describeSandboxed('a sandbox', () => {
  let proxy: TestProxy;
  let other: TestProxy;
  let plan: SandboxPlan;
  const shell = (script: string) => run(plan, [...SHELL, script]);
  /** Perl reaches system calls that no tool offers; it is part of Debian's base. */
  const syscall = async (number: number, ...args: (number | string)[]) =>
    (await shell(`perl -e '$r = syscall(${[number, ...args].join(', ')}); print $r < 0 ? $!+0 : "done"'`)).stdout;

  beforeAll(async () => {
    [proxy, other] = await Promise.all([startTestProxy(), startTestProxy()]);
    plan = await planFor(proxy, {
      argv: [...SHELL, 'exit 0'],
      agent: { files: [{ path: '.config/x.json', content: '{"a":1}' }] },
    });
  });
  afterAll(async () => {
    await proxy.close();
    await other.close();
  });

  it('passes its self-test, every check of it', async () => {
    const report = await selfTest(plan, { signal: AbortSignal.timeout(20_000) });
    expect(report.checks.map((check) => check.name).toSorted()).toEqual([...SELF_TEST_CHECKS].toSorted());
  });

  it('has no network: TCP, UDP, DNS and IPv6 fail, by any tool', async () => {
    const probe = `
      const net = require('node:net'), dgram = require('node:dgram'), dns = require('node:dns');
      const tcp = (host, port) => new Promise((r) => net.connect({ host, port, timeout: 3000 }).on('connect', () => r('OPEN')).on('timeout', () => r('TIMEOUT')).on('error', (e) => r(e.code)));
      const udp = (type, host) => new Promise((r) => { const s = dgram.createSocket(type); s.on('error', (e) => r(e.code)); s.send('x', 53, host, (e) => r(e ? e.code : 'SENT')); });
      (async () => console.log(JSON.stringify([await tcp('1.1.1.1', 443), await tcp('2606:4700:4700::1111', 443), await tcp('169.254.169.254', 80), await udp('udp4', '8.8.8.8'), await udp('udp6', '2001:4860:4860::8888'),
        await dns.promises.lookup('example.com').catch((e) => e.code)])))().then(() => process.exit());`;
    const { stdout } = await run(plan, ['/opt/aileron/bin/node', '-e', probe]);
    expect(JSON.parse(stdout)).toEqual([
      'ENETUNREACH',
      'ENETUNREACH',
      'ENETUNREACH',
      'ENETUNREACH',
      'ENETUNREACH',
      expect.stringMatching(/^(EAI_AGAIN|ENOTFOUND)$/),
    ]);
    expect((await shell('NO_PROXY="*" curl -sS -m 3 https://1.1.1.1/ 2>&1 || echo "failed $?"')).stdout).toMatch(
      /failed \d+/,
    );
  });

  it("does not reach the host's loopback", async () => {
    let reached = 0;
    const server = createServer((socket) => {
      reached += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { stdout } = await shell(`curl -sS -m 3 --noproxy '*' http://127.0.0.1:${port}/ 2>&1 || echo "failed $?"`);
    server.close();
    expect(stdout).toContain('failed 7');
    expect(reached).toBe(0);
  });

  it('does not reach sockets of other sessions or of the host', async () => {
    const paths = [
      `${other.runtimeDirectory}/proxy.sock`,
      '/run/docker.sock',
      '/var/run/docker.sock',
      '/run/dbus/system_bus_socket',
    ];
    const { stdout } = await shell(
      `for p in ${paths.join(' ')}; do [ -e $p ] && echo "sees $p"; curl -s -m 2 --unix-socket $p http://x/ && echo "reached $p"; done; ls /run /run/aileron`,
    );
    expect(stdout.split('\n').filter((line) => line !== '')).toEqual(
      ['/run:', 'aileron', '', '/run/aileron:', 'ca.pem', 'proxy.sock'].filter((line) => line !== ''),
    );
  });

  it('does not see files of the host', async () => {
    const home = await mkdtemp(join(tmpdir(), 'aileron-home-'));
    await writeFile(join(home, 'vault.json'), 'secret');
    const { stdout } = await shell(
      `ls -d ${home} /root /sys /srv /mnt /media /boot /var/lib /etc/shadow /etc/ssh /etc/environment ${plan.stateDirectory} 2>/dev/null; ls -A / | tr '\\n' ' '; ls /home`,
    );
    expect(stdout).toMatch(/^bin dev etc home (lib\S* )+opt proc run sbin tmp usr var workspace agent\s*$/);
  });

  it('sees its own processes alone', async () => {
    const { stdout } = await shell(
      'for p in /proc/[0-9]*; do tr "\\0" " " <$p/cmdline; echo; done; grep CapEff /proc/1/status; tr "\\0" " " </proc/1/environ',
    );
    expect(stdout).not.toContain('jest-worker');
    expect(stdout).toContain('init.mjs');
    expect(stdout.split('\n').filter((line) => line.startsWith('/')).length).toBeLessThan(8);
    expect(stdout).toMatch(/CapEff:\s+0{16}/);
    expect(stdout).not.toContain('npm_');
  });

  it('cannot change settings of the kernel', async () => {
    // Asked, not done: access(2) knows of modes and mounts, and the host keeps its settings even where the test would fail.
    const { stdout } = await shell(
      'for f in $(find /proc/sys /proc/sysrq-trigger /proc/irq /proc/bus /proc/mtrr /proc/self/oom_score_adj -maxdepth 3 -type f 2>/dev/null); do [ -w $f ] && echo $f; done; [ -r /proc/sys/kernel/core_pattern ] && echo looked',
    );
    expect(stdout).toBe('looked\n');
  });

  it('has no capability, no way to a new one, and a filter', async () => {
    const { stdout } = await shell('grep -E "^(Cap|NoNewPrivs|Seccomp:|Uid|Gid|Groups)" /proc/self/status');
    expect(stdout.match(/^Cap\w+:\s+0{16}$/gm)).toHaveLength(5);
    expect(stdout).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(stdout).toMatch(/^Seccomp:\s+2$/m);
    expect(stdout).toMatch(/^Uid:\s+1000\s+1000\s+1000\s+1000$/m);
  });

  it('refuses the calls of the filter', async () => {
    if (process.arch !== 'x64') return;
    const EPERM = '1';
    // Each with arguments that would work without the filter or fail otherwise: ptrace TRACEME, unshare NEWUSER, mount, …
    expect(await syscall(101, 0, 0, 0, 0)).toBe(EPERM);
    expect(await syscall(272, 0x1000_0000)).toBe(EPERM);
    expect(await syscall(165, 'my $a = "none"', 'my $b = "/tmp"', 'my $c = "tmpfs"', 0, 0)).toBe(EPERM);
    expect(await syscall(56, 0x1000_0011, 0, 0, 0, 0)).toBe(EPERM);
    expect(await syscall(250, 0, -3, 0, 0, 0)).toBe(EPERM);
    expect(await syscall(425, 8, 'my $a = "x" x 200')).toBe(EPERM);
    expect(await syscall(321, 0, 0, 0)).toBe(EPERM);
    expect(await syscall(16, 0, 0x5412, 'my $a = "x"')).toBe(EPERM);
    expect(await syscall(41, 40, 1, 0)).toBe('97');
    expect(await syscall(41, 17, 3, 0)).toBe('97');
    expect(await syscall(39)).toBe('done');
  });

  it('cannot become root', async () => {
    const { stdout } = await shell(
      'perl -e \'$r = syscall(105, 0); print $r < 0 ? "refused" : "root"\'; echo; su -c id 2>&1; find /usr -perm -4000 -type f 2>/dev/null | head -1 | xargs -r -I{} sh -c "{} --help >/dev/null 2>&1; id -u"',
    );
    expect(stdout).toContain('refused');
    expect(stdout).not.toMatch(/uid=0|^0$/m);
  });

  it('writes in its home, the project and /tmp, and nowhere else', async () => {
    const { stdout } = await shell(
      'for d in / /etc /etc/aileron /usr /usr/bin /opt /opt/aileron /opt/aileron/bin /opt/agent /run /run/aileron /var /dev /proc /home; do touch $d/x 2>/dev/null && echo "wrote $d"; done; for d in ~ /workspace /tmp /var/tmp /dev/shm; do touch $d/x && echo "ok $d"; done',
    );
    expect(stdout).toBe('ok /home/agent\nok /workspace\nok /tmp\nok /var/tmp\nok /dev/shm\n');
    expect(await readFile(join(proxy.projectDirectory, 'x'), 'utf8')).toBe('');
  });

  it('leaves no descriptor of the launcher open', async () => {
    const { stdout } = await run(plan, ['/bin/ls', '/proc/self/fd']);
    expect(stdout.trim().split('\n')).toEqual(['0', '1', '2', '3']);
  });

  it('has an environment of ours alone', async () => {
    process.env['AILERON_TEST_SECRET'] = 'from-the-host';
    const { stdout } = await run(plan, ['/usr/bin/env']);
    delete process.env['AILERON_TEST_SECRET'];
    expect(stdout).not.toContain('from-the-host');
    const environment = new Map(
      stdout
        .trim()
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    const url = `http://session:${proxy.token}@127.0.0.1:3128`;
    for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'])
      expect(environment.get(name)).toBe(url);
    expect(environment.get('NO_PROXY')).toBe('');
    expect(environment.get('AILERON_TOKEN')).toBe(proxy.token);
    expect(environment.get('NODE_EXTRA_CA_CERTS')).toBe('/run/aileron/ca.pem');
    expect(environment.get('PATH')).toMatch(/^\/opt\/aileron\/bin:/);
  });

  it('puts the token in no command line and no file of the host', async () => {
    const child = await runInSandbox(
      { ...plan, argv: [...SHELL, 'sleep 1'] },
      { stdio: 'capture', signal: AbortSignal.timeout(10_000) },
    );
    const commandLine = await readFile(`/proc/${child.pid}/cmdline`, 'utf8');
    await child.exited;
    expect(commandLine).toContain('bwrap');
    expect(commandLine).not.toContain(proxy.token);
    const { stdout } = await run(plan, [...SHELL, 'cat /etc/aileron/session.json']);
    expect(stdout).toContain(proxy.token);
    expect(await filesHolding(plan.stateDirectory, proxy.token)).toEqual([]);
  });

  it('trusts the public roots and the session’s own', async () => {
    const { stdout } = await shell(
      'grep -c BEGIN $SSL_CERT_FILE; cat $NODE_EXTRA_CA_CERTS | head -1; tail -1 $SSL_CERT_FILE',
    );
    const [count, first] = stdout.split('\n');
    expect(Number(count)).toBeGreaterThan(50);
    expect(first).toBe('-----BEGIN CERTIFICATE-----');
  });

  it('ends with the exit code of the agent, signals included', async () => {
    expect((await shell('exit 7')).code).toBe(7);
    expect((await shell('kill -TERM $$')).code).toBe(143);
    expect((await run(plan, ['/nonexistent']).catch((error: { code: string }) => error)).code).toBe(
      'SANDBOX_UNAVAILABLE',
    );
  });

  it('asks the agent to end and then ends it, with all it started', async () => {
    const stop = new AbortController();
    const script = 'trap "echo asked" TERM; echo ready; (trap "" TERM; sleep 300) & while :; do sleep 0.1; done';
    const child = await runInSandbox(
      { ...plan, argv: [...SHELL, script] },
      { stdio: 'capture', signal: stop.signal, graceMs: 500 },
    );
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output === 'ready\n') stop.abort();
    });
    const exit = await child.exited;
    expect(exit.stopped).toBe(true);
    expect(output).toContain('asked');
  });

  it('dies with its launcher, however that ends', async () => {
    const marker = randomBytes(8).toString('hex');
    const dist = new URL('../dist/run-in-sandbox.js', import.meta.url).href;
    const launcher = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `import { runInSandbox } from ${JSON.stringify(dist)};
       const plan = JSON.parse(process.argv[1]);
       await runInSandbox(plan, { stdio: 'inherit', signal: new AbortController().signal });`,
      JSON.stringify({ ...plan, argv: [...SHELL, `echo up; sleep 300; : ${marker}`] }),
    ]);
    await once(launcher.stdout, 'data');
    launcher.kill('SIGKILL');
    // The kernel's signal is on its way: what is waited for is the end, the deadline is the test's.
    const alive = async () => (await commandLines()).filter((line) => line.includes(marker)).length;
    while ((await alive()) > 0) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await alive()).toBe(0);
  });

  it('gives the agent the files it needs, before it starts', async () => {
    const { stdout } = await shell(
      'cat ~/.config/x.json /etc/aileron/actions.json /etc/aileron/prompt-hint.txt; stat -c %a ~/.config/x.json',
    );
    expect(stdout).toBe('{"a":1}[]Aileron has tools.\n600\n');
  });

  it('limits how many processes run at once', async () => {
    const limited = { ...plan, limits: { ...plan.limits, processes: 80 } };
    const child = await spawnInSandbox(
      limited,
      [...SHELL, 'i=0; while [ $i -lt 200 ]; do sleep 2 & i=$((i+1)); done; echo all'],
      {
        stdio: 'capture',
        signal: AbortSignal.timeout(20_000),
      },
    );
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
    const { code } = await child.exited;
    if (!child.enforced.has('processes')) return;
    expect(code).not.toBe(0);
    expect(output).toMatch(/Cannot fork|Resource temporarily unavailable/);
  });

  it('bounds its temporary files', async () => {
    const limited = { ...plan, limits: { ...plan.limits, temporaryBytes: 1_000_000 } };
    const { stdout } = await run(limited, [...SHELL, 'head -c 5000000 /dev/zero > /tmp/big 2>/dev/null || echo full']);
    expect(stdout).toBe('full\n');
  });

  it('does not start when its self-test fails', async () => {
    await proxy.stopProxy();
    await expect(
      runInSandbox({ ...plan }, { stdio: 'capture', signal: AbortSignal.timeout(30_000) }),
    ).rejects.toMatchObject({
      code: 'SANDBOX_UNAVAILABLE',
      details: { failures: [expect.stringMatching(/^proxy: /)] },
    });
    await proxy.startProxy();
  }, 40_000);

  it('refuses a value that would become an option', async () => {
    const planted = { ...plan, environment: { ...plan.environment, X: 'a\0--bind\0/\0/var' } };
    const options = { stdio: 'capture', signal: AbortSignal.timeout(10_000) } as const;
    await expect(spawnInSandbox(planted, ['/bin/true'], options)).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('refuses a state folder that an agent could have prepared', async () => {
    const state = await mkdtemp(join(tmpdir(), 'aileron-state-'));
    await symlink('/etc', join(state, 'home'));
    const input = {
      sessionId: 'ses_x',
      agentToken: randomBytes(8).toString('hex'),
      ...proxy,
      protectedDirectories: [],
      contents: EMPTY_CONTENTS,
    };
    const agent = { argv: ['/bin/true'], env: {}, files: [], installDirectory: proxy.agentDirectory };
    await expect(prepareSandbox({ ...input, stateDirectory: state, promptHint: '', agent })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await rm(state, { recursive: true });
    await mkdir(state);
    const outside = { ...agent, files: [{ path: '../../escaped', content: '' }] };
    await expect(
      prepareSandbox({ ...input, stateDirectory: state, promptHint: '', agent: outside }),
    ).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

async function commandLines(): Promise<string[]> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(processes.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
}

async function filesHolding(directory: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if ((await readFile(path)).includes(text)) found.push(path);
  }
  return found;
}
