import type { Register } from './register.js';

/** `aileron status` */
export const registerStatus: Register = (program, action) => {
  program
    .command('status')
    .description('the running service of this home')
    .action(
      action<[]>(async ({ api, output, home }) => {
        const status = await api().status();
        output.result(status, () => [
          `aileron ${status.version}, since ${status.startedAt}, home ${home.root}`,
          `user        ${status.user.name}${status.user.vaultInitialised ? '' : ' (no vault yet: `aileron vault init`)'}`,
          `sessions    ${status.sessions.active} active, ${status.sessions.locked} locked`,
          `approvals   ${status.approvals.pending} pending`,
          `connectors  ${status.connectors.map((c) => `${c.name} ${c.version} (${c.operations} operations)`).join(', ')}`,
          `policy      version ${status.policyVersion}`,
          `audit       ${status.audit.records} records`,
        ]);
      }),
    );
};
