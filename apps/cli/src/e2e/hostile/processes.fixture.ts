// Part of a program that is run in a workspace: other processes, and what a process may become.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { type Attempts, found, type Targets } from './attempt.fixture.js';
import { perl } from './network.fixture.js';

const ARM = process.arch === 'arm64';
const CALLS = {
  ptrace: ARM ? 117 : 101,
  pidfdOpen: 434,
  pidfdGetfd: 438,
  processVmReadv: ARM ? 270 : 310,
  pidfdSendSignal: 424,
};
const READABLE = ['environ', 'maps', 'mem', 'auxv', 'io', 'stack', 'syscall', 'smaps', 'pagemap', 'timers'];
const LINKS = ['cwd', 'root', 'exe', 'ns/net', 'ns/user'];

/** Processes of other users: the parts, the forwarder, the first one; and whatever else is seen. */
function others(): number[] {
  const own = process.getuid?.();
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        // A process that may not be looked into belongs to root here, whoever runs it.
        const real = Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
        return real !== own || statSync(`/proc/${pid}`).uid !== own;
      } catch {
        return false;
      }
    });
}

const works = (work: () => unknown): boolean => {
  try {
    work();
    return true;
  } catch {
    return false;
  }
};

const overOthers = (name: (pid: number) => string[]): string | null => found(others().flatMap(name));

export function processAttempts({ paths, processes }: Targets): Attempts {
  return {
    'files of other processes': () =>
      overOthers((pid) =>
        READABLE.filter((file) => works(() => openAndRead(`/proc/${pid}/${file}`))).map((file) => `${pid}/${file}`),
      ),
    'links of other processes': () =>
      overOthers((pid) =>
        LINKS.filter((link) => works(() => readlinkSync(`/proc/${pid}/${link}`))).map((link) => `${pid}/${link}`),
      ),
    'descriptors of other processes': () =>
      overOthers((pid) => (works(() => readdirSync(`/proc/${pid}/fd`)) ? [`${pid}/fd`] : [])),
    'threads of other processes': () =>
      overOthers((pid) => (works(() => openAndRead(`/proc/${pid}/task/${pid}/environ`)) ? [`${pid}/task`] : [])),
    'signals to other processes': () =>
      overOthers((pid) =>
        (['SIGCONT', 'SIGURG', 0] as const)
          .filter((each) => works(() => process.kill(pid, each)))
          .map((each) => `${pid} ${each}`),
      ),
    'tracing of other processes': () => overOthers((pid) => (trace(pid) ? [`${pid}`] : [])),
    'memory of other processes': () =>
      overOthers((pid) =>
        perl(
          `my $b = "\\0" x 8; my $v = pack("Pq", $b, 8); exit(syscall(${CALLS.processVmReadv}, ${pid}, $v, 1, $v, 1, 0) >= 0 ? 0 : 1)`,
        )
          ? [`${pid}`]
          : [],
      ),
    'descriptors taken from other processes': () =>
      overOthers((pid) =>
        perl(
          `my $p = syscall(${CALLS.pidfdOpen}, ${pid}, 0); exit 1 if $p < 0; exit(syscall(${CALLS.pidfdGetfd}, $p, 0, 0) >= 0 ? 0 : 1)`,
        )
          ? [`${pid}`]
          : [],
      ),
    'scheduling and limits of other processes': () =>
      overOthers((pid) =>
        perl(`setpriority(0, ${pid}, 19) or exit 1`) || works(() => writeFileSync(`/proc/${pid}/oom_score_adj`, '1000'))
          ? [`${pid}`]
          : [],
      ),
    'processes of the host': () => {
      const home = paths[0] ?? '';
      const lines = readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map((pid) => textOf(`/proc/${pid}/cmdline`));
      return found(
        lines.filter((line) => /dockerd|containerd|postgres|redis-server/.test(line) || line.includes(home)),
      );
    },
    'being another user': () => {
      const calls = [
        '$> = 0; exit($> == 0 ? 0 : 1)',
        '$< = 0; exit($< == 0 ? 0 : 1)',
        '$) = "0 0"; exit($) =~ /^0/ ? 0 : 1)',
      ];
      const tries = process.getuid?.() === 0 ? [] : calls.filter((call) => perl(call));
      return found(tries);
    },
    privileges: () => {
      const status = textOf('/proc/self/status');
      const sets = ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'].filter(
        (name) => !new RegExp(`^${name}:\\s+0+$`, 'm').test(status),
      );
      const kept = [
        ['NoNewPrivs', '1'],
        ['Seccomp', '2'],
      ].filter(([name, value]) => !new RegExp(`^${name}:\\s+${value}$`, 'm').test(status));
      return found([...sets, ...kept.map(([name]) => `no ${name}`)]);
    },
    'programs that give rights': () => {
      const list = spawnSync('find', ['/', '-xdev', '-perm', '/6000', '-type', 'f'], {
        encoding: 'utf8',
        timeout: 15_000,
      });
      const programs = list.stdout
        .split('\n')
        .filter((path) => /\/(su|mount|umount|newgrp|chsh|pkexec|sudo|gpasswd)$/.test(path));
      const gives = [
        ['su', '-c', 'id -u'],
        ['newgrp', 'root'],
        ['mount', '-t', 'tmpfs', 'x', '/mnt'],
        ['umount', '/tmp'],
      ];
      const uses = gives.filter(([name]) => programs.some((path) => path.endsWith(`/${name}`)));
      const run = uses.filter(
        ([name = '', ...args]) =>
          spawnSync(name, args, { input: 'id -u\n', encoding: 'utf8', timeout: 5_000 }).stdout === '0\n',
      );
      return found(run.map((command) => command.join(' ')));
    },
    'protection from the end of memory': () =>
      works(() => writeFileSync('/proc/self/oom_score_adj', '-1000')) ? 'oom_score_adj' : null,
    'more processes than there may be': () => {
      // Forks until it is refused, then ends all: nothing of it stays.
      const most = processes + 500;
      const script = `my @p; while (@p < ${most}) { my $p = fork(); last unless defined $p; if (!$p) { sleep 60; exit } push @p, $p } print scalar @p; kill 9, @p; waitpid $_, 0 for @p`;
      const count = Number(spawnSync('perl', ['-e', script], { encoding: 'utf8', timeout: 60_000 }).stdout);
      return count > 0 && count <= processes ? null : `${count}`;
    },
  };
}

function trace(pid: number): boolean {
  const [attach, detach] = [16, 17];
  return perl(
    `exit 1 if syscall(${CALLS.ptrace}, ${attach}, ${pid}, 0, 0) < 0; waitpid ${pid}, 0; syscall(${CALLS.ptrace}, ${detach}, ${pid}, 0, 0)`,
  );
}

/** Some of these open, and are empty then. @throws when there is nothing to be had */
function openAndRead(path: string): void {
  if (path.endsWith('/mem')) return closeSync(openSync(path, 'r'));
  if (readFileSync(path).length === 0) throw new Error('empty');
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
