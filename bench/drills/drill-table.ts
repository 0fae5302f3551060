import type { DrillRow } from './drill-row.ts';

const HEADS = [
  'killed (-9)',
  'kills',
  'requests sent',
  'answered',
  'refused, by code',
  'reads recover in',
  'held approvals used',
  'reached upstream twice',
  'passed while away',
  'audit = upstream',
] as const;

/** The drill's table in Markdown, and what the reader has to know of it. */
export function drillTable(rows: readonly DrillRow[]): string {
  const cells = [HEADS, HEADS.map(() => '---'), ...rows.map(cellsOf)];
  return cells.map((row) => `| ${row.join(' | ')} |`).join('\n');
}

export const FOOTNOTES = [
  'reads recover in: worst of the kills, from the kill; where the keys in memory were lost, from when they were delivered again (from the kill in brackets).',
  'refused: an answer is counted each time; the agent repeats what is refused for now. forbidden operations are refused by intent.',
  'APPROVAL_DENIED: the approval was used up at the very moment of the kill. The person is asked about the same again and says no, since nobody knows whether it arrived.',
  'audit = upstream: calls with an answer on record, and those of unknown outcome that arrived, against what the upstreams counted themselves.',
] as const;

function cellsOf(row: DrillRow): string[] {
  const { audit, held, twice, whileAway } = row;
  return [
    row.target,
    String(row.kills),
    String(row.sent),
    String(row.answered),
    Object.entries(row.refused)
      .map(([code, count]) => `${code} ${count}`)
      .join(', ') || '-',
    recoveryCell(row),
    `${held.all > 0 && held.used === held.all ? 'yes' : 'no'} (${held.used} of ${held.all})`,
    String(twice.length),
    `${whileAway.passed} of ${whileAway.tried}`,
    auditCell(audit),
  ];
}

function recoveryCell({ recoveries }: DrillRow): string {
  const worst = recoveries.find(({ ms }) => ms === null) ?? recoveries.toSorted((a, b) => (b.ms ?? 0) - (a.ms ?? 0))[0];
  if (worst === undefined || worst.ms === null) return 'never';
  const fromKill = worst.since === 'unlock' ? ` (${seconds(worst.sinceKillMs ?? 0)})` : '';
  return `${seconds(worst.ms)}${fromKill}`;
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;

function auditCell({ answered, received, unknown }: DrillRow['audit']): string {
  const reached = unknown.filter((each) => each.reached).length;
  const sign = answered + reached === received ? '=' : '≠';
  return `${answered} + ${reached} ${sign} ${received}; ${unknown.length} unknown`;
}

/** What ended without anybody knowing how, by operation and by what the upstream had counted; each by name in the JSON. */
export function unknownOutcomes(rows: readonly DrillRow[]): string[] {
  return rows.flatMap(({ target, audit }) => {
    const alike = Map.groupBy(audit.unknown, ({ operation, by, reached }) => {
      return `${operation} (${by}), ${reached ? 'had arrived' : 'had not arrived'}`;
    });
    return [...alike].map(([what, all]) => {
      const ids = all.slice(0, SHOWN).map(({ intentId }) => intentId);
      return `unknown, ${target}: ${all.length} × ${what}: ${ids.join(', ')}${all.length > SHOWN ? ', …' : ''}`;
    });
  });
}

const SHOWN = 3;
