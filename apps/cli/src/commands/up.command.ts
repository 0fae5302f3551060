import { setFlagsFromString } from 'node:v8';
import { createLogger } from '@aileron/telemetry';
import { AileronError } from '@aileron/errors';
import { Secret } from '@aileron/vault';
import { LocalApi } from '../api/local-api.js';
import { workspaceApi } from '../api/workspace-api.js';
import { startDemoCast, type DemoCast } from '../demo/demo-cast.js';
import { DEMO_TEMPLATES } from '../demo/demo-templates.js';
import { fillDemoVault } from '../demo/fill-demo-vault.js';
import { keepDemo, readKeptDemo } from '../demo/kept-demo.js';
import { unlockNewWorkspaces } from '../demo/unlock-new-workspaces.js';
import { findService, requireService } from '../home/service-file.js';
import type { Output } from '../output/output.js';
import { localProvisioners } from '../service/local-provisioners.js';
import { runLocalService, type LocalServiceReady } from '../service/run-local-service.js';
import type { CommandContext } from './command-context.js';
import type { Register } from './register.js';

interface UpOptions {
  readonly port: string;
  readonly servicePort?: string;
  readonly workspacesPort: string;
  readonly boardPort: string;
  readonly demo?: boolean;
}

/** `aileron up`, `aileron open` */
export const registerUp: Register = (program, action) => {
  program
    .command('up')
    .description('run the backend of this machine with the page, and print a link into it')
    .option('--port <port>', 'of the page on loopback, 0 for any free one', '3000')
    .option('--service-port <port>', 'of the REST API on loopback, 0 for any free one (default: 3100)')
    .option('--workspaces-port <port>', 'of the REST API of workspaces on loopback, 0 for any free one', '3001')
    .option('--board-port <port>', 'of Bull Board on loopback, 0 for any free one', '5555')
    .option('--demo', 'with a fake model, a fake Linear and a vault for them: the whole journey works offline')
    .action(action<[UpOptions]>(up));
  program
    .command('open')
    .description('print a new link into the page that runs')
    .action(
      action(async ({ home, output }) => {
        const service = requireService(home);
        if (service.page === null) throw new AileronError('SERVICE_NOT_RUNNING', { home: home.root, part: 'page' });
        const { link } = await new LocalApi({ url: service.page, token: service.token }).createLink();
        output.result({ link }, () => [link]);
      }),
    );
};

async function up(context: CommandContext, options: UpOptions): Promise<void> {
  const { home, output, logLevel, tracesEndpoint, redisUrl, agentsDirectory, dockerHost } = context;
  assertNoneRuns(context);
  // Output of terminals goes through many buffers; by itself V8 collects everything each 64 MB of them.
  setFlagsFromString('--external-memory-accounted-in-global-limit');
  const ports = {
    port: portOf('workspaces-port', options.workspacesPort),
    boardPort: portOf('board-port', options.boardPort),
  };
  const kept = options.demo === true ? readKeptDemo(home) : undefined;
  const demo = options.demo === true ? await startDemoCast(kept?.credentials) : undefined;
  const ended = new AbortController();
  let unlocking: Promise<void> | undefined;
  try {
    await runLocalService({
      home,
      output,
      logLevel,
      tracesEndpoint,
      port: options.servicePort === undefined ? undefined : portOf('service-port', options.servicePort),
      opsPort: undefined,
      pagePort: portOf('port', options.port),
      split: undefined,
      holdSeconds: 55,
      upstreamMap: demo?.upstreamMap ?? [],
      workspaces: {
        ...ports,
        redisUrl: redisUrl?.exposeString(),
        provisioners: localProvisioners({
          home,
          agentsDirectory,
          dockerHost,
          logger: createLogger({ service: 'provisioner', level: logLevel }),
        }),
        ...(demo !== undefined && { templates: DEMO_TEMPLATES }),
      },
      onReady: async (ready) => {
        const filled = demo && (await fillDemoVault(new LocalApi(ready.service), demo, kept));
        if (filled !== undefined) keepDemo(home, filled);
        const passphrase = filled?.passphrase;
        if (passphrase !== undefined)
          unlocking = unlockAsTheyCome(context, { ready, passphrase, signal: ended.signal });
        announce(output, { ...ready, demo, passphrase });
      },
      onEnding: async () => {
        ended.abort();
        await unlocking;
      },
    });
  } finally {
    ended.abort();
    await demo?.close();
  }
}

/** @throws AileronError HOME_IN_USE, with what to do instead */
function assertNoneRuns({ home }: CommandContext): void {
  const running = findService(home);
  if (running === undefined) return;
  const { pid, page, startedAt } = running;
  throw new AileronError('HOME_IN_USE', {
    home: home.root,
    pid,
    startedAt,
    page: page ?? 'none',
    link: 'aileron open',
  });
}

function unlockAsTheyCome(
  { home, logLevel }: CommandContext,
  { ready, passphrase, signal }: { ready: LocalServiceReady; passphrase: string; signal: AbortSignal },
): Promise<void> {
  const logger = createLogger({ service: 'demo', level: logLevel });
  return unlockNewWorkspaces({
    api: new LocalApi(ready.service),
    client: workspaceApi(ready.service),
    home,
    passphrase: Secret.fromString(passphrase),
    signal,
    onFailure: (err) => logger.warn({ err }, 'demo.not-unlocked'),
  });
}

interface Announced extends LocalServiceReady {
  readonly demo: DemoCast | undefined;
  readonly passphrase: string | undefined;
}

function announce(output: Output, { service, createLink, boardUrl, passphrase }: Announced): void {
  const link = createLink?.() ?? '';
  const { page, workspaces } = service;
  const places = { url: page, link, workspaces, board: boardUrl };
  output.result({ ...places, ...(passphrase !== undefined && { passphrase }) }, () => [
    '',
    `  The page: ${link}`,
    '  The link lets one browser in, once, within ten minutes; `aileron open` prints another. Ctrl-C ends everything.',
    `  Workspaces over REST: ${workspaces ?? '-'}/docs   Jobs: ${boardUrl ?? '-'}`,
    ...(passphrase === undefined ? [] : [`  The passphrase of the demo vault: ${passphrase}`]),
    '',
  ]);
}

function portOf(field: string, text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new AileronError('INVALID_ARGUMENT', { fields: [{ field, message: 'a whole number from 0 to 65535' }] });
}
