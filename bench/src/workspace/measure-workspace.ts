import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { installPrograms, WORKSPACE_PROGRAMS } from '../machine/debian-packages.js';
import type { Note } from '../run-bench.js';
import { bareTerminals } from '../terminal/bare-terminal.js';
import type { TerminalWay } from '../terminal/carried-terminal.js';
import {
  measureTerminal,
  writeLines,
  type TerminalAmounts,
  type TerminalFigures,
} from '../terminal/measure-terminal.js';
import { serviceTerminals } from '../terminal/service-terminal.js';
import { socketTerminals } from '../terminal/socket-terminal.js';
import { fillWorkspaces } from './fill-workspaces.js';
import { measureProgram } from './measure-program.js';
import { measureRest } from './measure-rest.js';
import { pageWeight } from './page-weight.js';
import { RunningUp } from './running-up.js';
import { measureStarts, untilRunning } from './start-workspaces.js';
import { FULL_WORKSPACE, SHORT_WORKSPACE } from './workspace-amounts.js';
import type { WorkspaceResult } from './workspace-result.js';

/** The workspace plane, by `aileron up --demo` in a home of its own. */
export async function measureWorkspace(
  { directory, short }: { readonly directory: string; readonly short: boolean },
  note: Note,
): Promise<WorkspaceResult> {
  const amounts = short ? SHORT_WORKSPACE : FULL_WORKSPACE;
  await installPrograms(note, WORKSPACE_PROGRAMS);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  note('starts aileron up --demo');
  const up = await RunningUp.start(directory);
  try {
    note('workspaces that start');
    const start = await measureStarts(up, amounts);
    note('terminals');
    const terminals = await measureTerminals(up, directory, amounts.terminal);
    note('the command line');
    const program = await measureProgram(up.home, amounts.programStarts);
    note(`${amounts.workspaces} workspaces`);
    const ids = await fillWorkspaces(up, amounts.workspaces);
    const rest = await measureRest(up, ids, amounts);
    return { workspaces: ids.length, start, rest, terminals, program, page: pageWeight() };
  } finally {
    await up.close();
  }
}

/** From the bare peer to the page's own way, one after the other. */
async function measureTerminals(
  up: RunningUp,
  directory: string,
  amounts: TerminalAmounts,
): Promise<TerminalFigures[]> {
  const { client } = up;
  const { workspaceId } = await client.createWorkspace({ body: { name: 'terminals' } });
  await untilRunning(client, workspaceId);
  const project = join(up.home, 'workspaces', workspaceId, 'volume', 'project');
  for (const folder of [directory, project]) writeLines(folder, amounts.megabytes);
  const common = { client, workspaceId, processes: () => [up.pid] };
  const page = { name: 'gateway', origin: up.pageUrl, headers: await up.browserHeaders() } as const;
  const ways: { readonly folder: string; readonly start: () => Promise<TerminalWay> }[] = [
    { folder: directory, start: () => bareTerminals(directory) },
    { folder: directory, start: () => serviceTerminals(directory) },
    {
      folder: '/workspace',
      start: async () => socketTerminals({ ...common, name: 'manager', origin: up.managerUrl, headers: {} }),
    },
    { folder: '/workspace', start: async () => socketTerminals({ ...common, ...page }) },
  ];
  const figures: TerminalFigures[] = [];
  for (const { folder, start } of ways) {
    const way = await start();
    try {
      figures.push(await measureTerminal(way, { folder, amounts }));
    } finally {
      await way.close();
    }
  }
  await client.deleteWorkspace({ params: { workspaceId }, query: { force: true } });
  return figures;
}
