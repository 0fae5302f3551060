import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Secret } from '@aileron/vault';
import { z } from 'zod';
import { processesWith } from '../testing/conformance-run.js';
import { until } from '../testing/running-workspace.js';
import { SessionServer } from '../testing/session-server.js';
import { describeSandboxed, openLocalPlace } from './local-place.fixture.js';

const Prefix = z.object({ agentPrefix: z.array(z.string()).min(2) });
const LIMIT_MS = 120_000;
const launch = { workspaceId: 'wsp_prefix', launch: 1, name: 'A Prefix!', agents: [], image: null };
const progress = { step: () => undefined, line: () => undefined };
let marks = 0;
const mark = (): string => `6${process.pid}.${(marks += 1)}`;

describeSandboxed('the program that puts a command into the sandbox', () => {
  let place: Awaited<ReturnType<typeof openLocalPlace>>;
  let session: SessionServer;
  let prefix: string[] = [];
  const children = new Set<ChildProcess>();

  const enter = (argv: readonly string[], env: Record<string, string> = {}) => {
    const [program = '', ...rest] = [...prefix, ...argv];
    const child = spawn(program, rest, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    children.add(child);
    return child;
  };
  const output = async (
    child: ReturnType<typeof enter>,
  ): Promise<{ code: unknown; text: string; complaints: string }> => {
    const said = { text: '', complaints: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.text += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.complaints += text));
    const [code] = (await once(child, 'close')) as unknown[];
    return { code, ...said };
  };
  /**
   * Bubblewrap aside: where its outer process dies between two steps, its inner one waits for it for ever, before there is a
   * sandbox. It has run nothing and will run nothing; the end of the launch takes it away.
   */
  const begun = async (text: string): Promise<number[]> => {
    const found = (await processesWith(text)).map(async (pid) => {
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
      return name === '' || name.trim() === 'bwrap' ? [] : [pid];
    });
    return (await Promise.all(found)).flat();
  };
  const over = (text: string) => until('the end', async () => ((await begun(text)).length === 0 ? true : null));
  const there = (text: string) =>
    until('the command', async () => ((await processesWith(text)).length > 0 ? true : null));

  beforeAll(async () => {
    place = await openLocalPlace();
    session = await SessionServer.open();
    const signal = AbortSignal.timeout(LIMIT_MS);
    const provisioner = place.provisioner();
    await provisioner.ensureVolume('wsp_prefix', signal);
    await provisioner.launch({ ...launch, session: session.launchSession }, progress, signal);
    const text = await readFile(join(place.directory, 'wsp_prefix/launch-1/runtime.json'), 'utf8');
    prefix = Prefix.parse(JSON.parse(text)).agentPrefix;
  }, LIMIT_MS);
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await place.dispose();
    await session.close();
  }, LIMIT_MS);

  it(
    'hands on what is written to it, what is answered, and the exit code',
    async () => {
      const child = enter(['/bin/sh', '-c', 'cat; echo "$0" "$1" >&2; exit 7', 'two words', '$HOME']);
      child.stdin.end('a line\n'.repeat(50_000));
      const { code, text, complaints } = await output(child);
      expect(code).toBe(7);
      expect(text).toBe('a line\n'.repeat(50_000));
      expect(complaints).toBe('two words $HOME\n');
    },
    LIMIT_MS,
  );

  it(
    'passes variables on, and none that leads past the proxy',
    async () => {
      const given = {
        GIVEN: 'by the caller',
        HTTPS_PROXY: 'http://127.0.0.1:1',
        NO_PROXY: '*',
        PATH: '/evil',
        TERM: 'dumb',
      };
      const { text } = await output(enter(['/usr/bin/env'], given));
      const lines = text.split('\n');
      expect(lines).toContain('GIVEN=by the caller');
      expect(lines).toContain('TERM=dumb');
      expect(lines).toContain('NO_PROXY=');
      expect(text).not.toMatch(/evil|127\.0\.0\.1:1$/m);
      expect((await output(enter(['/bin/hostname']))).text).toBe('a-prefix\n');
    },
    LIMIT_MS,
  );

  it(
    'passes a signal on',
    async () => {
      const child = enter(['/bin/sh', '-c', 'trap "echo told; exit 3" TERM; echo ready; while :; do sleep 0.1; done']);
      await once(child.stdout, 'data');
      child.kill('SIGTERM');
      expect((await output(child)).code).toBe(3);
    },
    LIMIT_MS,
  );

  it(
    'takes everything along, whenever it is killed',
    async () => {
      const seconds = mark();
      // Before there is a sandbox, while it is made, and after; what runs there does not want to end.
      for (const afterMs of [0, 30, 60, 90, 120, 180, 300]) {
        const child = enter(['/bin/sh', '-c', `trap "" TERM HUP INT; setsid sleep ${seconds} & sleep ${seconds}`]);
        await there(seconds);
        await pause(afterMs);
        child.kill('SIGKILL');
        await over(seconds);
      }
    },
    LIMIT_MS,
  );

  it(
    'ends with whoever started it',
    async () => {
      const seconds = mark();
      const program = `require('child_process').spawn(${JSON.stringify(prefix[0])}, ${JSON.stringify([...prefix.slice(1), '/bin/sleep', seconds])}, { detached: true, stdio: 'ignore' }); setInterval(() => 0, 1000)`;
      const parent = spawn(process.execPath, ['-e', program], { stdio: 'ignore' });
      children.add(parent);
      await until('the command itself', async () =>
        (await processesWith(`/bin/sleep\0${seconds}`)).length > 1 ? true : null,
      );
      parent.kill('SIGKILL');
      await over(`/bin/sleep\0${seconds}`);
    },
    LIMIT_MS,
  );

  it(
    'keeps the token to this user, and out of every command line',
    async () => {
      for (const name of ['plan.json', 'runtime.json', 'terminal.json', 'record.json']) {
        expect((await stat(join(place.directory, 'wsp_prefix/launch-1', name))).mode & 0o777).toBe(0o600);
      }
      for (const folder of ['', 'wsp_prefix', 'wsp_prefix/launch-1']) {
        expect((await stat(join(place.directory, folder))).mode & 0o777).toBe(0o700);
      }
      const seconds = mark();
      const child = enter(['/bin/sleep', seconds]);
      await there(seconds);
      expect(await processesWith(session.token)).toEqual([]);
      child.kill('SIGKILL');
    },
    LIMIT_MS,
  );

  it(
    'gives a command the token that the session has when the launch is asked for again',
    async () => {
      const agentToken = Secret.fromString('agt_renewed');
      const again = { ...launch, session: { ...session.launchSession, agentToken } };
      await place.provisioner().launch(again, progress, AbortSignal.timeout(LIMIT_MS));
      const { text } = await output(
        enter(['/bin/sh', '-c', 'echo $AILERON_TOKEN $HTTPS_PROXY; cat /etc/aileron/session.json']),
      );
      expect(text).toMatch(/^agt_renewed http:\/\/session:agt_renewed@/);
      expect(text).toContain('"token":"agt_renewed"');
      expect(text).not.toContain(session.token);
    },
    LIMIT_MS,
  );

  it(
    'says why it cannot enter',
    async () => {
      const [program = '', file = ''] = prefix;
      const child = spawn(program, [file, join(place.root, 'nothing.json'), '--', '/bin/true'], { env: {} });
      const { code, complaints } = await output(child);
      expect(code).toBe(69);
      expect(complaints).toMatch(/cannot be entered/);
    },
    LIMIT_MS,
  );
});
