import type { SessionView } from '@aileron/contracts/rest';
import { table } from '../output/output.js';
import type { Register } from './register.js';

/** `aileron session list|info|end` */
export const registerSession: Register = (program, action) => {
  const session = program.command('session').description('sessions of agents');

  session
    .command('list')
    .description('sessions, newest first')
    .option('--all', 'ended ones too')
    .action(
      action<[{ all?: boolean }]>(async ({ api, output }, { all }) => {
        const { sessions } = await api().listSessions(all ? {} : { state: 'active' });
        output.result({ sessions }, () =>
          sessions.length === 0
            ? ['No sessions.']
            : table(
                ['SESSION', 'AGENT', 'STATE', 'STARTED', 'EXPIRES'],
                sessions.map((s) => [s.sessionId, s.agent, shownState(s), s.createdAt, s.expiresAt]),
              ),
        );
      }),
    );

  session
    .command('info <session>')
    .description('one session')
    .action(
      action<[string]>(async ({ api, output }, id) => {
        const found = await api().getSession(id);
        output.result(found, () => Object.entries(found).map(([name, value]) => `${name.padEnd(12)}${String(value)}`));
      }),
    );

  session
    .command('end <session>')
    .description('end a session: its tunnels are cut, its keys forgotten')
    .action(
      action<[string]>(async ({ api, output }, id) => {
        const ended = await api().endSession(id);
        output.result(ended, () => [`${ended.sessionId}  ${ended.state}`]);
      }),
    );
};

function shownState(session: SessionView): string {
  return session.state === 'active' && session.locked ? 'locked' : session.state;
}
