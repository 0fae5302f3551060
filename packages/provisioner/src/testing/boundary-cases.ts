import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processesWith, type ConformanceRun, uniqueSeconds } from './conformance-run.js';
import { until } from './running-workspace.js';

type Case = readonly [name: string, work: (run: ConformanceRun) => Promise<void>];

const NODE = '/opt/aileron/bin/node';

/** Asks the proxy for the session, by the token of the environment. */
const ASK_PROXY =
  `${NODE} -e 'require("http").get({host:"127.0.0.1",port:3128,path:"/v1/self/status",` +
  `headers:{authorization:"Bearer "+process.env.AILERON_TOKEN},agent:new (require("http").Agent)()},` +
  `r=>{console.log(r.statusCode);r.pipe(process.stdout)}).on("error",e=>console.log(e.code))'`;
/** By address: there is no name to ask for. */
const TRY_NETWORK =
  `${NODE} -e 'const s=require("net").connect({host:"1.1.1.1",port:443,timeout:5000});` +
  `const end=t=>{console.log(t);process.exit()};s.on("connect",()=>end("connected")).on("timeout",()=>end("sent")).on("error",()=>end("denied"))'`;

/** What an agent or a shell has, and has not. */
export const BOUNDARY_CASES: readonly Case[] = [
  [
    'a command inside sees the project and its home, and reaches the proxy and nothing else',
    async (run) => {
      const session = await run.session();
      const { workspace } = await run.launch(await run.volume(), 1, session);
      const where = await workspace.inside('pwd; echo $HOME; id -u; touch made && touch ~/made && echo written');
      const [directory, home, uid, written] = where.output.trim().split('\n');
      assert.deepEqual(
        { directory, home, written },
        { directory: '/workspace', home: '/home/agent', written: 'written' },
      );
      assert.notEqual(uid, '0');
      assert.match((await workspace.inside(ASK_PROXY)).output, new RegExp(`^200\n.*${session.sessionId}`));
      assert.ok(session.asked.includes('/v1/self/status'));
      assert.equal((await workspace.inside(TRY_NETWORK)).output.trim(), 'denied');
      assert.match((await workspace.inside('grep -i nonewprivs /proc/self/status')).output, /1/);
      assert.match((await workspace.inside('grep -i capeff /proc/self/status')).output, /0{16}/);
    },
  ],
  [
    'nothing of the parts, the manager or the host can be read inside',
    async (run) => {
      const workspaceId = await run.volume();
      const { workspace } = await run.launch(workspaceId);
      const paths = [
        ...run.subject.forbiddenPaths(workspaceId, 1),
        '/etc/shadow',
        '/var/run/docker.sock',
        '/root/.ssh',
      ];
      const tries = paths.map((path) => `(cat '${path}' || ls '${path}/') >/dev/null 2>&1 && echo 'read ${path}'`);
      assert.equal((await workspace.inside(`${tries.join('\n')}\ntrue`)).output, '');
      const others =
        'for p in /proc/[0-9]*; do cat $p/environ 2>/dev/null | tr "\\0" "\\n" | grep -c AILERON_CONFIG; done | grep -v "^0" ; true';
      assert.equal((await workspace.inside(others)).output, '');
      assert.notEqual((await workspace.inside('echo x >/opt/aileron/bin/mine || echo x >/run/aileron/mine')).code, 0);
    },
  ],
  [
    'two workspaces at once know nothing of each other',
    async (run) => {
      const ids = await Promise.all([run.volume(), run.volume()]);
      const [one, other] = await Promise.all(ids.map((id) => run.launch(id)));
      assert.ok(one !== undefined && other !== undefined);
      await Promise.all([one.workspace.write('mine.txt', 'one'), other.workspace.write('mine.txt', 'other')]);
      const forbidden = run.subject.forbiddenPaths(ids[1]!, 1);
      const tries = forbidden.map((path) => `(cat '${path}' || ls '${path}/') >/dev/null 2>&1 && echo 'read ${path}'`);
      const seen = await one.workspace.inside(`cat mine.txt; ls | sort | head -3\n${tries.join('\n')}\ntrue`);
      assert.match(seen.output, /^onemine.txt\n$/);
      // Neither by a socket of abstract names, nor by what listens on the loopback of the other.
      const listen = `${NODE} -e 'require("net").createServer(s=>s.end("x")).listen(9,()=>0)' & exec sleep 600\r`;
      await other.workspace.type(await other.workspace.openTerminal(), listen.replace('listen(9', 'listen(20999'));
      const dial = `${NODE} -e 'require("net").connect(20999,"127.0.0.1").on("connect",()=>console.log("reached")).on("error",()=>0)'`;
      assert.equal((await one.workspace.inside(`sleep 2; ${dial}`)).output, '');
      await run.provisioner.stop(ids[0]!, run.signal);
      assert.equal(await other.workspace.answers('runtime'), true);
    },
  ],
  [
    'a volume is removed whatever was made of it, and nothing outside of it is',
    async (run) => {
      const outside = await mkdtemp(join(tmpdir(), 'aileron-outside-'));
      try {
        await writeFile(join(outside, 'canary'), 'alive');
        const workspaceId = await run.volume();
        const { workspace } = await run.launch(workspaceId);
        const script = [
          'set -e',
          `mkdir -p locked/in/deep && touch locked/in/deep/file && ln -s ${outside} out && ln -s ${outside}/canary one`,
          `ln -s ${outside} locked/out && ln -s / ~/root && mkfifo pipe`,
          'printf x >"$(printf \'bad\\377name\')" && printf x >"-rf" && printf x >"$(printf \'new\\nline\')"',
          // Deeper than a path can name.
          `${NODE} -e 'for(let i=0;i<40;i++){const n="d".repeat(200);require("fs").mkdirSync(n);process.chdir(n)}'`,
          'chmod 000 locked/in/deep locked/in locked; chmod 500 ~; echo made',
        ].join('\n');
        const made = await workspace.inside(script);
        assert.match(made.output, /made/);
        await run.provisioner.remove(workspaceId, { force: false }, run.signal);
        assert.deepEqual(await run.subject.leftovers(workspaceId), []);
        assert.equal(await readFile(join(outside, 'canary'), 'utf8'), 'alive');
      } finally {
        await rm(outside, { recursive: true, force: true });
      }
    },
  ],
  [
    'a shell has its terminal: job control, Ctrl-C, its size',
    async (run) => {
      const { workspace } = await run.launch(await run.volume());
      const terminalId = await workspace.openTerminal();
      const seconds = uniqueSeconds();
      await workspace.type(terminalId, `set -o | grep monitor >job; sleep ${seconds}; echo interrupted >after\r`);
      await until('the program', async () => ((await processesWith(`sleep\0${seconds}`)).length > 0 ? true : null));
      assert.match((await workspace.read('job')) ?? '', /monitor\s+on/);
      await workspace.terminal.resizeTerminal({ terminalId, columns: 91, rows: 17 });
      // Ctrl-C ends what is in the foreground, and the shell goes on.
      await workspace.type(terminalId, '\u0003');
      await until('its end', async () => ((await processesWith(`sleep\0${seconds}`)).length === 0 ? true : null));
      await workspace.type(terminalId, 'stty size >size.new && mv size.new size\r');
      await until('the shell', () => workspace.read('size'));
      assert.equal(await workspace.read('size'), '17 91\n');
      assert.equal(await workspace.read('after'), null);
    },
  ],
];
