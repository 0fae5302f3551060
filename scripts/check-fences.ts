// The walls of the house: who may import what, and where an effect may happen. `node scripts/check-fences.ts`
import { join } from 'node:path';
import { checkWorkspace, RULES } from './fences/check-workspace.ts';

const { files, findings } = checkWorkspace(join(import.meta.dirname, '..'));
for (const { path, line, what, rule, why } of findings) {
  console.error(`${path}:${line}  ${what}\n    ${rule}: ${why}`);
}
console.error(`fences: ${RULES.length} rules, ${files} files, ${findings.length} violations`);
process.exitCode = findings.length === 0 ? 0 : 1;
