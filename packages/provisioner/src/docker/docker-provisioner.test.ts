import { mkdir, stat, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { constants } from 'node:os';
import { join } from 'node:path';
import { AileronError } from '@aileron/errors';
import { workspaceImage, hasDocker, TestEngine } from '@aileron/testing/docker';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { provisionerConformance } from '../testing/conformance.js';
import { RunningWorkspace, until } from '../testing/running-workspace.js';
import { DockerPlace, recordSteps, within } from './docker-place.fixture.js';
import { createDockerProvisioner } from './docker-provisioner.js';
import { TestRegistry } from './registry.fixture.js';
import { IMAGE_CONTRACT, LABELS, resourceNames } from './resource-names.js';

const PREPARATION_MS = 600_000;
const CASE_MS = 180_000;

const required = process.env['AILERON_REQUIRE_ALL'] === '1';
const describeDocker = (await hasDocker()) || required ? describe : describe.skip;

describeDocker('the docker provisioner', () => {
  let engine: TestEngine;
  let image: string;
  let place: DockerPlace;

  beforeAll(async () => {
    engine = await TestEngine.start();
    image = await workspaceImage(engine);
  }, PREPARATION_MS);
  afterAll(() => engine?.destroy(), CASE_MS);

  describe('as every provisioner', () => {
    for (const { name, run } of provisionerConformance(() => DockerPlace.open(engine, image))) it(name, run, CASE_MS);
  });

  describe('alone', () => {
    beforeEach(async () => {
      place = await DockerPlace.open(engine, image);
    });
    afterEach(() => place.dispose(), CASE_MS);

    async function launched(workspaceId: string, launch = 1) {
      const provisioner = place.provisioner();
      await provisioner.ensureVolume(workspaceId, within());
      const request = await place.launchOf(workspaceId, launch);
      const endpoints = await provisioner.launch(request, recordSteps(), within());
      return { provisioner, request, endpoints };
    }

    it(
      'gives the agent nothing but its own',
      async () => {
        await launched('wsp_hostile');
        const inside = (script: string) => place.runAsAgent('wsp_hostile', script).then(({ output }) => output.trim());
        expect(await inside('ls /sys/class/net')).toBe('lo');
        expect(await inside('cat /etc/resolv.conf')).toBe('');
        expect(await inside('id -u; id -g; id -G; pwd')).toBe('10000\n10000\n10000\n/workspace');
        expect(await inside('grep -E "^(CapInh|CapPrm|CapEff|CapAmb)" /proc/self/status | cut -f2 | sort -u')).toMatch(
          /^0{16}$/,
        );
        expect(await inside('grep -E "^(NoNewPrivs|Seccomp):" /proc/self/status | cut -f2')).toBe('1\n2');
        expect(
          await inside(
            'touch /x /etc/x /usr/x /opt/aileron/x /etc/aileron/x /run/x 2>&1 | grep -vc "Read-only\\|denied"',
          ),
        ).toBe('0');
        expect(await inside('unshare -U true 2>&1 || mount -t tmpfs x /mnt 2>&1 || echo refused')).toMatch(/refused$/);
        const others =
          'me=$(id -u); for p in /proc/[0-9]*; do [ "$(stat -c %u $p)" = $me ] || (kill -9 ${p#/proc/}; cat $p/environ; ls $p/fd) 2>/dev/null; done';
        expect(await inside(others)).toBe('');
        expect(await inside('ls -A /run/workspace /run/proxy 2>&1 | grep -v denied')).toBe('');
        expect(
          await inside('mv /run/workspace /run/w 2>/dev/null; touch /run/workspace/x /run/proxy/x 2>/dev/null; true'),
        ).toBe('');
        expect((await place.container('wsp_hostile').inspect()).State.Running).toBe(true);
      },
      CASE_MS,
    );

    it(
      'has our filter of system calls beside the engine’s, in a shell as in an agent',
      async () => {
        await launched('wsp_filter');
        const inside = (script: string) => place.runAsAgent('wsp_filter', script).then(({ output }) => output.trim());
        expect(await inside('grep ^Seccomp_filters /proc/self/status | cut -f2')).toBe('2');
        // AF_VSOCK would reach the hypervisor past any name space of the network.
        expect(await inside(`perl -e 'socket(my $s, 40, 1, 0) or print 0 + $!'`)).toBe(
          String(constants.errno.EAFNOSUPPORT),
        );
        expect(await inside(`perl -e 'my $b = "x" x 120; syscall(425, 4, $b) == -1 and print 0 + $!'`)).toBe(
          String(constants.errno.EPERM),
        );
      },
      CASE_MS,
    );

    it(
      'runs agents that are installed where only the manager comes',
      async () => {
        const directory = join(place.directory, 'installed');
        await mkdir(directory, { mode: 0o700 });
        await writeFile(join(directory, 'agent'), '#!/bin/sh\necho agent runs\n', { mode: 0o700 });
        const installAgent = async () => ({ name: 'fake', version: '1', directory, command: 'agent' });
        const provisioner = place.provisioner({ installAgent });
        await provisioner.ensureVolume('wsp_agents', within());
        const request = { ...(await place.launchOf('wsp_agents', 1)), agents: ['fake'] };
        await provisioner.launch(request, recordSteps(), within());
        expect((await place.runAsAgent('wsp_agents', '/opt/agents/fake/agent')).output).toBe('agent runs\n');
      },
      CASE_MS,
    );

    it(
      'asks for volumes of a size, and says where the engine cannot hold them to it',
      async () => {
        const provisioner = place.provisioner({ limits: { volumeBytes: 1 << 30 } });
        await provisioner.ensureVolume('wsp_size', within());
        await provisioner.ensureVolume('wsp_size', within());
        const steps = recordSteps();
        await provisioner.launch(await place.launchOf('wsp_size', 1), steps, within());
        const { volumes } = resourceNames(place.homeId, 'wsp_size');
        const { Options } = await engine.docker.getVolume(volumes.project).inspect();
        if (Options?.['size'] === undefined) expect(steps.lines.join('')).toContain('not limited');
        else expect(Options['size']).toBe(String(1 << 30));
      },
      CASE_MS,
    );

    it(
      'reaches the proxy of its session and nobody else',
      async () => {
        await Promise.all([launched('wsp_one'), launched('wsp_two')]);
        const ask = (id: string) => place.runAsAgent(id, 'exec 3<>/dev/tcp/127.0.0.1/3128; echo hello >&3; cat <&3');
        expect((await ask('wsp_one')).output).toMatch(/proxy of wsp_one$/);
        expect((await ask('wsp_two')).output).toMatch(/proxy of wsp_two$/);
        for (const address of ['1.1.1.1/443', '169.254.169.254/80', '172.17.0.1/22', '127.0.0.1/2375']) {
          expect((await place.runAsAgent('wsp_one', `exec 3<>/dev/tcp/${address}`)).code).not.toBe(0);
        }
      },
      CASE_MS,
    );

    it(
      'bounds a fork bomb, which ends with the workspace',
      async () => {
        const provisioner = place.provisioner({ limits: { processes: 200 } });
        await provisioner.ensureVolume('wsp_bomb', within());
        await provisioner.launch(await place.launchOf('wsp_bomb', 1), recordSteps(), within());
        const bomb = '(bomb() { bomb | bomb & }; bomb) >/dev/null 2>&1 & sleep 1000 </dev/null >/dev/null 2>&1 &';
        await place.runAsAgent('wsp_bomb', bomb);
        await until('the limit', async () => {
          const statistics = await place.container('wsp_bomb').stats({ stream: false, 'one-shot': true });
          const processes = statistics.pids_stats?.current ?? 0;
          expect(processes).toBeLessThanOrEqual(200);
          return processes > 150 ? true : null;
        });
        await provisioner.stop('wsp_bomb', within());
        const inspection = await provisioner.inspect('wsp_bomb', within());
        expect(inspection).toEqual({ container: 'missing', volume: 'present', launch: null });
      },
      CASE_MS,
    );

    it(
      'lets the page and the agent change the same files',
      async () => {
        const { endpoints } = await launched('wsp_shared');
        const workspace = new RunningWorkspace(endpoints);
        await workspace.write('page.txt', 'page\n');
        const script = 'git init -q . && echo agent >>page.txt && mkdir src && echo agent >src/agent.txt && git add -A';
        expect(await place.runAsAgent('wsp_shared', script)).toEqual({ code: 0, output: expect.any(String) });
        expect(await workspace.read('page.txt')).toBe('page\nagent\n');
        await workspace.write('src/page.txt', 'page');
        const { etag } = await workspace.runtime.readFile({ path: 'src/agent.txt' });
        await workspace.runtime.writeFile({ path: 'src/agent.txt', content: Buffer.from('page'), etag });
        const { output } = await place.runAsAgent(
          'wsp_shared',
          'cat src/agent.txt && echo x >>src/agent.txt && rm src/page.txt',
        );
        expect(output).toBe('page');
        const status = await workspace.runtime.getGitStatus({});
        expect(status.files.map(({ path }) => path)).toContain('page.txt');
        workspace.close();
      },
      CASE_MS,
    );

    it(
      'tells no secret to whoever asks the engine',
      async () => {
        const { request } = await launched('wsp_secret');
        const token = request.session.agentToken.exposeString();
        const container = await place.container('wsp_secret').inspect();
        expect(JSON.stringify(container)).not.toContain(token);
        expect(container.HostConfig).toMatchObject({ NetworkMode: 'none', ReadonlyRootfs: true, Privileged: false });
        expect(container.HostConfig.PidsLimit).toBeGreaterThan(0);
        expect(container.HostConfig.Memory).toBeGreaterThan(0);
        expect(container.Image).toMatch(/^sha256:/);
        const lines = await place.runAsAgent('wsp_secret', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "');
        expect(lines.output).not.toContain(token);
        const { mode } = await stat(join(place.directory, 'w/wsp_secret/1/run/runtime.json'));
        expect(mode & 0o077).toBe(0);
      },
      CASE_MS,
    );

    it(
      'reaps what agents leave behind, and starts a part again that fell',
      async () => {
        const { provisioner, endpoints } = await launched('wsp_init');
        await place.runAsAgent('wsp_init', 'for i in 1 2 3 4 5; do (setsid sleep 0 &) ; done; sleep 1');
        await until('no zombie', async () => {
          const { output } = await place.runAsAgent('wsp_init', 'grep -l "^State:.Z" /proc/[0-9]*/status 2>/dev/null');
          return output === '' ? true : null;
        });
        await place.killPart('wsp_init', 'terminal');
        await until('the terminals again', async () => {
          const log = await provisioner.logs('wsp_init', 'terminal', within());
          return log.split('"ready":true').length === 3 ? true : null;
        });
        expect(endpoints).toEqual(provisioner.endpointsOf('wsp_init', 1));
        expect((await provisioner.inspect('wsp_init', within())).container).toBe('running');
      },
      CASE_MS,
    );

    it(
      'ends a container whose part falls again and again, and says what it wrote',
      async () => {
        // Longer than the runtime takes it.
        const provisioner = place.provisioner({ promptHint: 'x'.repeat(20_000) });
        await provisioner.ensureVolume('wsp_broken', within());
        const steps = recordSteps();
        const refused = provisioner.launch(await place.launchOf('wsp_broken', 1), steps, within());
        await expect(refused).rejects.toMatchObject({ code: 'LAUNCH_FAILED' });
        expect(steps.lines.join('')).toContain('CONFIG_INVALID');
        expect((await provisioner.inspect('wsp_broken', within())).container).toBe('missing');
      },
      CASE_MS,
    );

    it(
      'sees a killed container and an engine that was started again',
      async () => {
        const { provisioner } = await launched('wsp_killed', 4);
        await place.container('wsp_killed').kill();
        const dead = { container: 'exited', volume: 'present', launch: null };
        await until('its end', async () =>
          (await provisioner.inspect('wsp_killed', within())).container === 'exited' ? true : null,
        );
        expect(await provisioner.logs('wsp_killed', 'runtime', within())).toContain('service.started');
        const next = await place.launchOf('wsp_killed', 5);
        await provisioner.launch(next, recordSteps(), within());
        await engine.stop();
        await expect(provisioner.inspect('wsp_killed', within())).rejects.toMatchObject({
          code: 'PROVISIONER_UNAVAILABLE',
        });
        expect(await provisioner.missing(within())).toMatch(/Docker engine/);
        await engine.start();
        expect(await provisioner.inspect('wsp_killed', within())).toEqual(dead);
        await provisioner.launch(await place.launchOf('wsp_killed', 6), recordSteps(), within());
        expect(await provisioner.inspect('wsp_killed', within())).toMatchObject({ container: 'running', launch: 6 });
      },
      CASE_MS,
    );

    it(
      'leaves alone what another home made',
      async () => {
        const { provisioner } = await launched('wsp_mine');
        const other = await DockerPlace.open(engine, image);
        const foreign = other.provisioner();
        expect(await foreign.list(within())).toEqual({ found: [], complete: true });
        const { found } = await provisioner.list(within());
        expect(found.map(({ kind }) => kind).toSorted()).toEqual(['container', 'volume', 'volume']);
        for (const resource of found) await foreign.removeResource(resource, within());
        await foreign.remove('wsp_mine', { force: true }, within());
        expect(await provisioner.inspect('wsp_mine', within())).toMatchObject({
          container: 'running',
          volume: 'present',
        });
        await other.dispose();
      },
      CASE_MS,
    );

    it(
      'makes no empty volume in place of one that is gone',
      async () => {
        const { provisioner, request } = await launched('wsp_lost');
        await provisioner.stop('wsp_lost', within());
        const [volume] = (await provisioner.list(within())).found;
        await engine.docker.getVolume(volume!.id.split('/')[1]!).remove();
        expect(await provisioner.inspect('wsp_lost', within())).toMatchObject({ volume: 'missing' });
        const again = provisioner.launch({ ...request, launch: 2 }, recordSteps(), within());
        await expect(again).rejects.toMatchObject({ code: 'VOLUME_MISSING' });
      },
      CASE_MS,
    );

    it.each([
      ['localhost:1/nobody/has:this', /no registry gave it/],
      ['aileron-test/base:latest', /not built from images\/workspace/],
      ['Not A Name', /not the name of an image/],
    ])(
      'does not run the image %s',
      async (name, reason) => {
        const provisioner = place.provisioner();
        await provisioner.ensureVolume('wsp_image', within());
        const refused = provisioner.launch(await place.launchOf('wsp_image', 1, name), recordSteps(), within());
        const error = AileronError.from(await refused.catch((thrown: unknown) => thrown));
        expect({ code: error.code, reason: error.details['reason'] }).toEqual({
          code: 'IMAGE_UNAVAILABLE',
          reason: expect.stringMatching(reason),
        });
      },
      CASE_MS,
    );

    it(
      'pulls an image that is not there, and tells how far it is',
      async () => {
        const registry = await TestRegistry.start({ [LABELS.contract]: IMAGE_CONTRACT });
        const provisioner = place.provisioner();
        await provisioner.ensureVolume('wsp_pull', within());
        const steps = recordSteps();
        const request = await place.launchOf('wsp_pull', 1, `${registry.host}/pulled:1`);
        const refused = provisioner.launch(request, steps, within());
        // It is an image like ours without what is in ours.
        await expect(refused).rejects.toMatchObject({ code: 'LAUNCH_FAILED' });
        expect(steps.seen).toContain('image done');
        expect(steps.bytes).toBeGreaterThan(0);
        registry.close();
      },
      CASE_MS,
    );

    it('says what is missing', async () => {
      const absent = { image: 'aileron/absent:latest' };
      expect(await place.provisioner().missing(within())).toBeNull();
      expect(await place.provisioner(absent).missing(within())).toMatch(
        /aileron\/absent:latest is not there.*pnpm images/,
      );
      const nowhere = { dockerHost: `unix://${place.directory}/none.sock` };
      expect(await place.provisioner(nowhere).missing(within())).toMatch(
        /There is no Docker engine: .*none\.sock is not there/,
      );
      await mkdir(join(place.directory, 'f'));
      await writeFile(join(place.directory, 'f/plain'), '');
      const plain = { dockerHost: `unix://${place.directory}/f/plain` };
      expect(await place.provisioner(plain).missing(within())).toMatch(/does not answer/);
    });
  });

  it('waits for no engine that does not answer', async () => {
    const path = join(engine.directory, 'silent.sock');
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => sockets.add(socket.on('error', () => socket.destroy())));
    await new Promise<void>((resolve) => silent.listen(path, resolve));
    const open = await DockerPlace.open(engine, image);
    const provisioner = open.provisioner({ dockerHost: `unix://${path}`, deadlines: { callMs: 300 } });
    await expect(provisioner.inspect('wsp_silent', within())).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(await provisioner.missing(within())).toMatch(/does not answer/);
    const gone = AbortSignal.abort();
    await expect(provisioner.inspect('wsp_silent', gone)).rejects.toMatchObject({ code: 'CANCELLED' });
    for (const socket of sockets) socket.destroy();
    silent.close();
    await open.dispose();
  });
});

describe('a docker provisioner', () => {
  const options = {
    image: 'x',
    directory: '/nowhere',
    homeId: 'a',
    connectors: [],
    promptHint: '',
    agentsDirectory: '/nowhere',
    dockerHost: 'unix:///var/run/docker.sock',
  };

  it.each([
    [{ dockerHost: 'tcp://10.0.0.1:2376' }, 'DOCKER_HOST'],
    [{ dockerHost: 'ssh://host' }, 'DOCKER_HOST'],
    [{ directory: 'relative' }, 'directory'],
    [{ homeId: '../x' }, 'homeId'],
  ])('is not made with %j', (wrong, field) => {
    expect(() => createDockerProvisioner({ ...options, ...wrong })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', fields: [expect.objectContaining({ field })] }),
    );
  });
});
