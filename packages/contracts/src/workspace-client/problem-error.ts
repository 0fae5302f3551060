import { Problem } from '../rest/problem.js';

/** A refusal as the service tells it. Where AileronError is known, `refusal` of the client makes that instead. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(readonly problem: Problem) {
    super(problem.title);
  }

  get code(): string {
    return this.problem.code;
  }

  /** The wrong fields of an input. */
  get fields(): readonly { readonly field: string; readonly message: string }[] {
    return this.problem.fields ?? [];
  }
}

/** The problem of an answer that is no success; INTERNAL of what is no problem body. */
export function problemOf(text: string, status: number): Problem {
  return Problem.safeParse(parseJson(text)).data ?? notOfContract(status);
}

export const notOfContract = (status: number): Problem => ({
  type: 'about:blank',
  title: 'The service did not answer as the contract says.',
  status,
  code: 'INTERNAL',
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
