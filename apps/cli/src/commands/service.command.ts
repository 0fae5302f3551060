import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AileronError } from '@aileron/errors';
import { runLocalService } from '../service/run-local-service.js';
import { UpstreamMap } from '../service/upstream-map.js';
import type { Register } from './register.js';

interface ServiceCommandOptions {
  readonly port?: string;
  readonly upstreamMap?: string;
  readonly holdSeconds?: string;
  readonly opsPort?: string;
  readonly split?: boolean;
  readonly images?: string;
}

/** `aileron service` */
export const registerService: Register = (program, action) => {
  program
    .command('service')
    .description('run the backend of this machine: management plane, credential service and proxy')
    .option('--port <port>', 'of the REST API on loopback, 0 for any free one (default: AILERON_MGMT_PORT or 3100)')
    .option(
      '--upstream-map <file>',
      'for demonstrations: dial these hosts at other addresses, trusting the CA in the file',
    )
    .option('--hold-seconds <n>', 'how long a request waits for a person before the agent is told to come back', '55')
    .option('--ops-port <port>', 'serve /health/live, /health/ready and /metrics there, on loopback')
    .option('--split', 'three processes that speak gRPC with mutual TLS, instead of one')
    .option('--images <folder>', 'with --split: run the parts from folders that pnpm image made')
    .action(
      action<[ServiceCommandOptions]>(async ({ home, output, logLevel, tracesEndpoint }, options) => {
        await runLocalService({
          home,
          output,
          logLevel,
          tracesEndpoint,
          port: options.port === undefined ? undefined : wholeNumber('port', options.port, 0, 65_535),
          opsPort: options.opsPort === undefined ? undefined : wholeNumber('ops-port', options.opsPort, 0, 65_535),
          pagePort: undefined,
          workspaces: undefined,
          split: options.split === true ? { imagesDirectory: imagesOf(options) } : undefined,
          holdSeconds: wholeNumber('hold-seconds', options.holdSeconds ?? '55', 1, 600),
          upstreamMap: options.upstreamMap === undefined ? [] : readUpstreamMap(options.upstreamMap),
        });
      }),
    );
};

const imagesOf = ({ images }: ServiceCommandOptions): string | undefined =>
  images === undefined ? undefined : resolve(images);

function readUpstreamMap(file: string): UpstreamMap {
  try {
    return UpstreamMap.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new AileronError(
      'INVALID_ARGUMENT',
      { fields: [{ field: 'upstream-map', message: 'a JSON file of [{ host, address, port, caPem }] is expected' }] },
      { cause },
    );
  }
}

function wholeNumber(field: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < min || value > max) {
    throw new AileronError('INVALID_ARGUMENT', {
      fields: [{ field, message: `a whole number from ${min} to ${max}` }],
    });
  }
  return value;
}
