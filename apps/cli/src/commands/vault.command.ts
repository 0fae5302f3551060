import { readNewPassphrase, readPassphrase } from '../vault/passphrase.js';
import { initVault } from '../vault/init-vault.js';
import { lockSessions, unlockSessions } from '../vault/unlock-sessions.js';
import type { Register } from './register.js';

/** `aileron vault init|unlock|lock` */
export const registerVault: Register = (program, action) => {
  const vault = program.command('vault').description('your vault: only your passphrase opens it');

  vault
    .command('init')
    .description('make a vault; prints a recovery kit, once')
    .option('--passphrase-file <file>', 'read the passphrase from a file, - for standard input')
    .action(
      action<[{ passphraseFile?: string }]>(async (context, { passphraseFile }) => {
        const api = context.api();
        const passphrase = await readNewPassphrase({ configured: context.passphrase, file: passphraseFile });
        const made = await initVault({ api, passphrase, now: new Date() });
        context.output.result(made, () => [
          `vault ${made.vaultId} made`,
          '',
          'Recovery kit. Write it down and keep it apart from this machine: it opens the vault without the passphrase,',
          'and nobody can make it again.',
          '',
          `  ${made.recoveryKit}`,
        ]);
      }),
    );

  vault
    .command('unlock')
    .description('give the running sessions their keys again, for example after a restart')
    .option('--passphrase-file <file>', 'read the passphrase from a file, - for standard input')
    .action(
      action<[{ passphraseFile?: string }]>(async (context, { passphraseFile }) => {
        const api = context.api();
        const passphrase = await readPassphrase({ configured: context.passphrase, file: passphraseFile });
        const unlocked = await unlockSessions({ api, home: context.home, passphrase, now: new Date() });
        context.output.result({ unlocked }, () => [
          unlocked.length === 0 ? 'No session was locked.' : `unlocked ${unlocked.join(', ')}`,
        ]);
      }),
    );

  vault
    .command('lock')
    .description('make the service forget the keys of every session')
    .action(
      action<[]>(async ({ api, output }) => {
        const locked = await lockSessions(api());
        output.result({ locked }, () => [
          locked.length === 0 ? 'No session held keys.' : `locked ${locked.join(', ')}`,
        ]);
      }),
    );
};
