import { z } from 'zod';
import { table } from '../output/output.js';
import type { Register } from './register.js';

const Action = z.looseObject({ name: z.string(), description: z.string(), approval: z.string() });

/** `aileron actions list` */
export const registerActions: Register = (program, action) => {
  const actions = program.command('actions').description('what agents can ask for');
  actions
    .command('list')
    .description('every action of every installed connector')
    .action(
      action<[]>(async ({ api, output }) => {
        const catalogue = await api().listActions();
        output.result(catalogue, () =>
          table(
            ['ACTION', 'POLICY', 'DESCRIPTION'],
            z
              .array(Action)
              .parse(catalogue.actions)
              .map((a) => [a.name, a.approval, a.description]),
          ),
        );
      }),
    );
};
