import { TERMINAL_WAYS } from '../terminal/carried-terminal.js';
import type { Times, WorkspaceResult } from './workspace-result.js';

/** What a run of the workspace plane should have found and has not. */
export function lackingFigures({ start, rest, terminals, program, page }: WorkspaceResult): string[] {
  const wrong: string[] = [];
  const expect = (name: string, ...values: (number | undefined)[]): void => {
    if (values.length === 0 || !values.every((value) => value !== undefined && value > 0 && Number.isFinite(value)))
      wrong.push(`${name}: no figure`);
  };
  const timed = (name: string, times: Times | undefined): void => expect(name, times?.count, times?.p50, times?.p95);
  timed('cold start', start.cold);
  timed('warm start', start.warm);
  timed('bare start', start.bare);
  for (const way of TERMINAL_WAYS) {
    const found = terminals.find((figures) => figures.way === way);
    expect(`terminal, ${way}`, found?.megabytesPerSecond, found?.echo.p99, found?.echoBesideNoise.p99);
  }
  for (const server of ['bare', 'manager'] as const)
    timed(`REST, ${server}`, rest.find((figures) => figures.server === server)?.all);
  timed('aileron status', program.status);
  timed('bare node', program.bareNode);
  expect('first JS', ...page.first.map(({ gzippedBytes }) => gzippedBytes));
  return wrong;
}
