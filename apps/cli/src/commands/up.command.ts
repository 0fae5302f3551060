import { AileronError } from '@aileron/errors';
import { LocalApi } from '../api/local-api.js';
import { startDemoCast } from '../demo/demo-cast.js';
import { fillDemoVault } from '../demo/fill-demo-vault.js';
import { requireService } from '../home/service-file.js';
import { runLocalService, type LocalServiceReady } from '../service/run-local-service.js';
import type { Output } from '../output/output.js';
import type { Register } from './register.js';

interface UpOptions {
  readonly port: string;
  readonly servicePort?: string;
  readonly demo?: boolean;
}

/** `aileron up`, `aileron open` */
export const registerUp: Register = (program, action) => {
  program
    .command('up')
    .description('run the backend of this machine with the page, and print a link into it')
    .option('--port <port>', 'of the page on loopback, 0 for any free one', '3000')
    .option('--service-port <port>', 'of the REST API on loopback, 0 for any free one (default: 3100)')
    .option('--demo', 'with a fake model, a fake Linear and a vault for them: the whole journey works offline')
    .action(
      action<[UpOptions]>(async ({ home, output, logLevel, tracesEndpoint }, options) => {
        const demo = options.demo === true ? await startDemoCast() : undefined;
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
            onReady: async (ready) => {
              const passphrase = demo && (await fillDemoVault(new LocalApi(ready.service), demo));
              announce(output, { ...ready, passphrase });
            },
          });
        } finally {
          await demo?.close();
        }
      }),
    );
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

function announce(
  output: Output,
  { service, createLink, passphrase }: LocalServiceReady & { readonly passphrase: string | undefined },
): void {
  const link = createLink?.() ?? '';
  output.result({ url: service.page, link, ...(passphrase !== undefined && { passphrase }) }, () => [
    '',
    `  The page: ${link}`,
    '  The link lets one browser in, once, within ten minutes; `aileron open` prints another. Ctrl-C ends everything.',
    ...(passphrase === undefined ? [] : [`  The passphrase of the demo vault: ${passphrase}`]),
    '',
  ]);
}

function portOf(field: string, text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new AileronError('INVALID_ARGUMENT', { fields: [{ field, message: 'a whole number from 0 to 65535' }] });
}
