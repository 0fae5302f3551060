// `pnpm bench`: what a call costs, beside what else a person could use.
import { readOptions } from './bench-options.js';
import { assertComplete } from './report/assert-complete.js';
import { keepResult } from './report/keep-result.js';
import { publishReport } from './report/publish-report.js';
import { renderReport } from './report/render-report.js';
import { runBench } from './run-bench.js';
import { renderWorkspace } from './workspace/render-workspace.js';

const options = readOptions(process.argv.slice(2));
const startedAt = performance.now();
const note = (line: string): void =>
  console.error(`${((performance.now() - startedAt) / 1_000).toFixed(0)} s  ${line}`);

// Leaving through `exit` ends the contestants too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const result = await runBench(options, note);
const tables = {
  calls: options.workspace === 'only' ? null : renderReport(result),
  workspace: result.workspace === null ? null : renderWorkspace(result, result.workspace),
};
const report = [tables.calls, tables.workspace].filter((text) => text !== null).join('\n\n');
console.log(report);
note(`kept in ${keepResult(result, report)}`);
assertComplete(result, options);
if (options.publish)
  for (const section of ['calls', 'workspace'] as const) {
    const text = tables[section];
    if (text !== null) note(`published in ${publishReport(text, section)}`);
  }
