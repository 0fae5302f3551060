import { readFileSync } from 'node:fs';
import { AileronError } from '@aileron/errors';
import { runLocalService } from '../service/run-local-service.js';
import { UpstreamMap } from '../service/upstream-map.js';
import type { Register } from './register.js';

interface ServiceCommandOptions {
  readonly port?: string;
  readonly upstreamMap?: string;
  readonly holdSeconds?: string;
}

/** `aileron service` */
export const registerService: Register = (program, action) => {
  program
    .command('service')
    .description('run the backend of this machine: management plane, credential service and proxy in one process')
    .option('--port <port>', 'of the REST API on loopback, 0 for any free one (default: AILERON_MGMT_PORT or 3100)')
    .option(
      '--upstream-map <file>',
      'for demonstrations: dial these hosts at other addresses, trusting the CA in the file',
    )
    .option('--hold-seconds <n>', 'how long a request waits for a person before the agent is told to come back', '55')
    .action(
      action<[ServiceCommandOptions]>(async ({ home, output }, options) => {
        await runLocalService({
          home,
          output,
          port: options.port === undefined ? undefined : wholeNumber('port', options.port, 0, 65_535),
          holdSeconds: wholeNumber('hold-seconds', options.holdSeconds ?? '55', 1, 600),
          upstreamMap: options.upstreamMap === undefined ? [] : readUpstreamMap(options.upstreamMap),
        });
      }),
    );
};

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
