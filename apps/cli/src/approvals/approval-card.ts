import type { ApprovalView } from '@aileron/contracts/rest';
import { visible } from '../output/output.js';

const LONGEST_VALUE = 2_000;

/** What a person sees before deciding: everything that is sent, nothing that could hide or imitate. */
export function approvalCard(approval: ApprovalView): string[] {
  const { preview } = approval;
  const lines = [
    `${approval.agent} asks for ${visible(approval.operation)}: ${visible(preview.summary)}`,
    `  request     ${visible(`${preview.method} ${preview.target}`)}`,
    `  rule        ${visible(approval.rule)}`,
    `  credential  ${preview.credential === null ? 'none' : visible(preview.credential)}`,
    `  body        ${preview.bodyBytes} bytes, SHA-256 ${preview.bodySha256}${preview.bodyShown ? '' : ' — NOT SHOWN WHOLE'}`,
    `  expires     ${approval.expiresAt}`,
    '  arguments',
  ];
  for (const [name, value] of Object.entries(preview.arguments))
    lines.push(`    ${visible(name)} = ${argument(value)}`);
  return lines;
}

function argument(value: unknown): string {
  const text = visible(JSON.stringify(value) ?? 'null');
  return text.length <= LONGEST_VALUE
    ? text
    : `${text.slice(0, LONGEST_VALUE)}… (${text.length} characters, \`--json\` shows all)`;
}
