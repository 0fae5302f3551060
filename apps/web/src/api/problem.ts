import { Problem } from '@aileron/contracts/rest';
import { t } from '../i18n/translate.js';

/** A refusal as the services tell it: what happened, what to do, and by which name to ask about it. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title);
    this.name = 'ProblemError';
  }

  get action(): string {
    const fields = (this.problem.fields ?? []).map(({ field, message }) => `${field}: ${message}`);
    return [...fields, this.problem.action ?? t('Try again in a moment.')].join(' ');
  }
}

/** What an answer that is no success says; of something that is no problem body only that it failed. */
export async function readProblem(response: Response): Promise<ProblemError> {
  const body: unknown = await response.json().catch(() => null);
  const parsed = Problem.safeParse(body);
  if (parsed.success) return new ProblemError(parsed.data);
  return new ProblemError({
    type: 'about:blank',
    title: t('The service did not answer as it should.'),
    status: response.status,
    code: `HTTP ${response.status}`,
  });
}

export const NOT_REACHABLE = new ProblemError({
  type: 'about:blank',
  title: t('Aileron does not answer.'),
  status: 0,
  code: 'UNREACHABLE',
  action: t('Look whether `aileron up` still runs; the page goes on by itself once it does.'),
});

export const problemOf = (error: unknown): ProblemError => (error instanceof ProblemError ? error : NOT_REACHABLE);
