import { AileronError } from '@aileron/errors';
import { LocalApi } from '../api/local-api.js';
import { findService } from '../home/service-file.js';
import { launch } from '../launch/launch.js';
import { spawnService } from '../service/spawn-service.js';
import { readPassphrase } from '../vault/passphrase.js';
import type { CommandContext } from './command-context.js';
import type { Register } from './register.js';

interface LaunchOptions {
  readonly prompt?: string;
  readonly project: string;
  readonly sandbox: string;
  readonly passphraseFile?: string;
}

/** `aileron launch <agent>` */
export const registerLaunch: Register = (program, action) => {
  program
    .command('launch <agent>')
    .description('run an agent (claude-code, fake) in a sandbox whose only way out is Aileron')
    .option('-p, --prompt <text>', 'do this and end; without it the agent is interactive')
    .option('--project <folder>', 'the folder the agent works in', '.')
    .option('--sandbox <kind>', 'bwrap; auto takes the strongest that this machine enforces', 'auto')
    .option('--passphrase-file <file>', 'read the passphrase from a file, - for standard input')
    .action(
      action<[string, LaunchOptions]>(async (context, agent, options) => {
        assertSandbox(options.sandbox);
        const api = await ensureService(context);
        const passphrase = await readPassphrase({ configured: context.passphrase, file: options.passphraseFile });
        const controller = new AbortController();
        for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => controller.abort());
        const { exit, session } = await launch({
          api,
          home: context.home,
          agentsDirectory: context.agentsDirectory,
          agent,
          prompt: options.prompt ?? null,
          projectDirectory: options.project,
          passphrase,
          stdio: 'inherit',
          signal: controller.signal,
          onProgress: (line) => context.output.note(line),
        });
        context.output.note(`session ${session.sessionId} ended, the agent's exit code was ${exit.code}`);
        if (exit.code !== 0) context.exitWith(exit.code);
      }),
    );
};

/** Never a silent downgrade: a kind that is not there is refused by name. */
function assertSandbox(kind: string): void {
  if (kind === 'auto' || kind === 'bwrap') return;
  throw new AileronError('INVALID_ARGUMENT', { fields: [{ field: 'sandbox', message: 'auto or bwrap' }] });
}

/** The running service of the home; started when there is none. */
async function ensureService({ home, output }: CommandContext): Promise<LocalApi> {
  const running = findService(home);
  if (running) return new LocalApi(running);
  output.note('starting aileron service');
  return new LocalApi((await spawnService(home)).service);
}
