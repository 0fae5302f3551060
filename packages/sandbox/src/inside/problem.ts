import { ERROR_TABLE, type ErrorCode } from '@aileron/errors';
import { withoutControls } from './plain-text.js';
import type { Answer } from './proxied-request.js';

/** RFC 9457 body as the proxy refuses with. */
export interface Problem {
  readonly code: ErrorCode;
  readonly title: string;
  readonly action: string | null;
  readonly operation: string | null;
  readonly rule: string | null;
  readonly reason: string | null;
  readonly approvalId: string | null;
  readonly auditId: string | null;
  readonly fields: readonly { readonly field: string; readonly message: string }[];
}

/** The proxy's refusal, or null when the answer is the upstream's own. */
export function readProblem(answer: Answer): Problem | null {
  if (!/^application\/problem\+json\b/i.test(answer.headers['content-type'] ?? '')) return null;
  const body = parseObject(answer.body);
  const code = body?.['code'];
  if (body === null || typeof code !== 'string' || !isErrorCode(code)) return null;
  const text = (name: string): string | null => (typeof body[name] === 'string' ? body[name] : null);
  return {
    code,
    title: text('title') ?? ERROR_TABLE[code].message,
    action: text('action') ?? ERROR_TABLE[code].action,
    operation: text('operation'),
    rule: text('rule'),
    reason: text('reason') ?? text('detail'),
    approvalId: text('approvalId'),
    auditId: text('auditId'),
    fields: readFields(body['fields']),
  };
}

export function describeProblem(problem: Problem): string {
  const facts = [
    ['operation', problem.operation],
    ['rule', problem.rule],
    ['approval', problem.approvalId],
    ['audit', problem.auditId],
  ].filter(([, value]) => value !== null);
  const lines = [
    `${problem.code}: ${problem.title}`,
    ...(problem.reason === null ? [] : [`  reason: ${problem.reason}`]),
    ...facts.map(([name, value]) => `  ${name}: ${value}`),
    ...problem.fields.map((field) => `  ${field.field}: ${field.message}`),
    ...(problem.action === null ? [] : [`  next: ${problem.action}`]),
  ];
  return withoutControls(lines.join('\n'));
}

export const exitCode = (code: ErrorCode): number => ERROR_TABLE[code].exit;

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERROR_TABLE, code);

export function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function readFields(value: unknown): Problem['fields'] {
  if (!Array.isArray(value)) return [];
  return (value as unknown[]).flatMap((each) => {
    const entry = typeof each === 'object' && each !== null ? (each as Record<string, unknown>) : {};
    return typeof entry['field'] === 'string' && typeof entry['message'] === 'string'
      ? [{ field: entry['field'], message: entry['message'] }]
      : [];
  });
}
