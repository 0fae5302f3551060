import { isCancel, password } from '@clack/prompts';
import { readFileSync } from 'node:fs';
import { AileronError } from '@aileron/errors';
import { Secret } from '@aileron/vault';
import { table } from '../output/output.js';
import { openPersonalVault } from '../vault/open-vault.js';
import { readPassphrase } from '../vault/passphrase.js';
import { setSecret } from '../vault/set-secret.js';
import type { Register } from './register.js';

interface SetOptions {
  readonly fromFile?: string;
  readonly name?: string;
  readonly host?: string[];
  readonly operation?: string[];
  readonly passphraseFile?: string;
}

/** `aileron secret list|set` */
export const registerSecret: Register = (program, action) => {
  const secret = program.command('secret').description('credentials in your vault; values never come back out');

  secret
    .command('list')
    .description('names, bindings and versions, never values')
    .option('--passphrase-file <file>', 'read the passphrase from a file, - for standard input')
    .action(
      action<[{ passphraseFile?: string }]>(async (context, options) => {
        const passphrase = await readPassphrase({ configured: context.passphrase, file: options.passphraseFile });
        const { vault } = await openPersonalVault(context.api(), passphrase);
        const secrets = vault.listCredentials();
        context.output.result({ secrets }, () =>
          secrets.length === 0
            ? ['No secrets.']
            : table(
                ['NAME', 'CONNECTOR', 'HOSTS', 'OPERATIONS', 'VERSION'],
                secrets.map((s) => [
                  s.name,
                  s.binding.connector,
                  s.binding.hosts.join(' '),
                  s.binding.operations.join(' '),
                  String(s.version),
                ]),
              ),
        );
      }),
    );

  secret
    .command('set <connector>')
    .description('store the credential of a connector, bound to its hosts and operations')
    .option('--from-file <file>', 'read the value from a file, - for standard input')
    .option('--name <name>', 'its name; the connector’s by default')
    .option('--host <host...>', 'bind to fewer hosts than the connector has')
    .option('--operation <operation...>', 'bind to fewer operations, for example linear.create_issue')
    .option('--passphrase-file <file>', 'read the passphrase from a file')
    .action(
      action<[string, SetOptions]>(async (context, connector, options) => {
        const value = await readValue(connector, options.fromFile);
        const passphrase = await readPassphrase({ configured: context.passphrase, file: options.passphraseFile });
        const stored = await setSecret({
          api: context.api(),
          passphrase,
          connector,
          name: options.name ?? connector,
          value,
          hosts: options.host,
          operations: options.operation,
          now: new Date(),
        });
        context.output.result(stored, () => [
          `${stored.name}  version ${stored.version}, for ${stored.binding.hosts.join(', ')}: ${stored.binding.operations.join(', ')}`,
        ]);
      }),
    );
};

async function readValue(connector: string, file: string | undefined): Promise<Secret> {
  if (file !== undefined) {
    try {
      return Secret.fromString(readFileSync(file === '-' ? 0 : file, 'utf8').replace(/\r?\n$/, ''));
    } catch (cause) {
      throw new AileronError(
        'INVALID_ARGUMENT',
        { fields: [{ field: 'from-file', message: 'cannot be read' }] },
        { cause },
      );
    }
  }
  if (!process.stdin.isTTY) {
    throw new AileronError('INVALID_ARGUMENT', {
      fields: [{ field: 'from-file', message: 'no terminal to ask at: name a file, or - for standard input' }],
    });
  }
  const answer = await password({ message: `Credential of ${connector}` });
  if (isCancel(answer)) throw new AileronError('CANCELLED');
  return Secret.fromString(answer);
}
