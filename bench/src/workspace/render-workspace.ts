import type { BenchResult } from '../measure/bench-result.js';
import { markdownTable, shown } from '../report/markdown-table.js';
import type { TerminalWayName } from '../terminal/carried-terminal.js';
import type { PageWeight, RestFigures, Times, WorkspaceResult } from './workspace-result.js';

const WAYS: Readonly<Record<TerminalWayName, string>> = {
  bare: 'node-pty over a Unix socket',
  service: 'workspace-terminal, gRPC',
  manager: 'workspace-manager, WebSocket',
  gateway: 'gateway, WebSocket: as the page',
};

/** The figures of the workspace plane as Markdown. */
export function renderWorkspace({ at, commit, short, machine }: BenchResult, result: WorkspaceResult): string {
  const { cpu, cores, memoryBytes, kernel, node, loadBefore, loadAfter } = machine;
  return [
    `Commit ${commit}, ${at}${short ? ', **short: shows that it runs, measures nothing**' : ''}.  \n${cores} × ${cpu}, ${Math.round(memoryBytes / 2 ** 30)} GiB, Linux ${kernel}, Node ${node}; load average ${shown(loadBefore)} before, ${shown(loadAfter)} after.`,
    '### A workspace starts (local provisioner), ms',
    starts(result),
    '### Terminals: lines of 71 characters, and a key until its echo',
    terminals(result),
    `### REST at ${result.rest[0]?.perSecond} requests a second, ${result.workspaces.toLocaleString('en')} workspaces, ms`,
    rest(result),
    '### The command line, ms',
    program(result),
    page(result.page),
  ].join('\n\n');
}

const cells = ({ p50, p95, p99, max }: Times): string[] => [p50, p95, p99, max].map((value) => shown(value));
const times = (value: number, peer: number): string => shown(value / peer);

function starts({ start: { cold, warm, bare, steps } }: WorkspaceResult): string {
  const head = ['from … to the first answered command', 'p50', 'p95', 'p99', 'max', '× bare, p50'];
  const rows = [
    ['bubblewrap and a shell, bare', ...cells(bare), '1.00'],
    ['POST of a workspace, cold', ...cells(cold), times(cold.p50, bare.p50)],
    ['POST of a terminal in one that runs', ...cells(warm), times(warm.p50, bare.p50)],
  ];
  const stepRows = Object.entries(steps).map(([name, milliseconds]) => [name, shown(milliseconds)]);
  return `${markdownTable(head, rows)}\n\nOf a cold start, medians:\n\n${markdownTable(['step', 'ms'], stepRows)}`;
}

function terminals({ terminals: figures }: WorkspaceResult): string {
  const head = ['', 'MB/s', '× bare', 'CPU ms/MB', 'screens', 'echo p50 ms', 'p99', 'beside noise p50', 'p99'];
  const bare = figures.find(({ way }) => way === 'bare');
  const rows = figures.map(({ way, megabytesPerSecond, cpuMicrosPerMegabyte, screens, echo, echoBesideNoise }) => [
    WAYS[way],
    shown(megabytesPerSecond),
    times(megabytesPerSecond, bare?.megabytesPerSecond ?? Number.NaN),
    shown(cpuMicrosPerMegabyte / 1_000),
    String(screens),
    ...[echo.p50, echo.p99, echoBesideNoise.p50, echoBesideNoise.p99].map((value) => shown(value)),
  ]);
  return markdownTable(head, rows);
}

function rest({ rest: figures }: WorkspaceResult): string {
  const bare = figures.find(({ server }) => server === 'bare')?.all.p95 ?? Number.NaN;
  const rows = figures.flatMap(({ server, all, calls }: RestFigures) =>
    server === 'bare'
      ? [['Fastify and one row, bare', ...cells(all), '1.00']]
      : [
          ['workspace-manager, all', ...cells(all), times(all.p95, bare)],
          ...Object.entries(calls).map(([call, of]) => [call, ...cells(of), times(of.p95, bare)]),
        ],
  );
  return markdownTable(['', 'p50', 'p95', 'p99', 'max', '× bare, p95'], rows);
}

function program({ program: { status, bareNode } }: WorkspaceResult): string {
  const rows = [
    ['`node -e 0`', ...cells(bareNode), '1.00'],
    ['`aileron status`', ...cells(status), times(status.p50, bareNode.p50)],
  ];
  return markdownTable(['', 'p50', 'p95', 'p99', 'max', '× bare, p50'], rows);
}

function page({ first, styleGzippedBytes }: PageWeight): string {
  const total = first.reduce((sum, { gzippedBytes }) => sum + gzippedBytes, 0);
  const largest = first.slice(0, 4).map(({ file, gzippedBytes }) => `${nameOf(file)} ${kilobytes(gzippedBytes)}`);
  return `First JS of the page: ${kilobytes(total)} KB gzipped (${largest.join(', ')}), with ${kilobytes(styleGzippedBytes)} KB of style.`;
}

const kilobytes = (bytes: number): string => shown(bytes / 1_000);

/** Without what is made of its content. */
const nameOf = (file: string): string => file.replace(/^.*\//, '').replace(/-[\w-]{8}\.js$/, '');
