import { randomInt, randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';

interface Team {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  nextNumber: number;
}

export interface LinearIssue {
  readonly id: string;
  readonly identifier: string;
  readonly number: number;
  readonly url: string;
  readonly createdAt: string;
  readonly team: { readonly id: string; readonly key: string; readonly name: string };
  title: string;
  description: string | null;
  priority: number;
  updatedAt: string;
  archivedAt: string | null;
  readonly comments: LinearComment[];
}

export interface LinearComment {
  readonly id: string;
  readonly body: string;
  readonly url: string;
  readonly createdAt: string;
  readonly issue: LinearIssue;
}

interface Page {
  readonly first?: number | null;
  readonly last?: number | null;
  readonly after?: string | null;
}

interface IssueInput {
  readonly teamId?: string;
  readonly title?: string | null;
  readonly description?: string | null;
  readonly priority?: number | null;
}

const VIEWER = { id: randomUUID(), name: 'Ada Example', displayName: 'ada', email: 'ada@example.com' };
const STATE = { id: randomUUID(), name: 'Backlog', type: 'backlog' };
const MOST_ISSUES = 10_000;

/** The data behind the fake: two teams, and the issues made during the run. Numbers begin anywhere, so nobody can know one before. */
export class LinearWorkspace {
  readonly issues: LinearIssue[] = [];
  readonly #teams: Team[] = [
    { id: randomUUID(), key: 'ENG', name: 'Engineering', nextNumber: randomInt(1_000, 90_000) },
    { id: randomUUID(), key: 'OPS', name: 'Operations', nextNumber: randomInt(1_000, 90_000) },
  ];
  readonly #now: () => number;
  #syncId = randomInt(1_000_000, 9_000_000);

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Root resolvers of queries and mutations, as `graphql.execute` calls them on a root value. */
  get root() {
    return {
      viewer: () => VIEWER,
      teams: (page: Page) => connection(this.#teams, page),
      team: ({ id }: { id: string }) => this.#team(id),
      issues: (args: Page & { filter?: IssueFilter | null }) => this.#issues(args),
      issue: ({ id }: { id: string }) => this.#view(this.#issue(id)),
      searchIssues: (args: Page & { term: string }) => this.#search(args),
      issueCreate: ({ input }: { input: IssueInput }) => this.#create(input),
      issueUpdate: ({ id, input }: { id: string; input: IssueInput }) => this.#update(this.#issue(id), input),
      issueArchive: ({ id }: { id: string }) => this.#archive(this.#issue(id)),
      issueDelete: ({ id }: { id: string }) => this.#archive(this.#issue(id)),
      commentCreate: ({ input }: { input: { issueId: string; body?: string | null } }) => this.#comment(input),
    };
  }

  #issues({ filter, ...page }: Page & { filter?: IssueFilter | null }) {
    const found = this.issues.filter((issue) => issue.archivedAt === null && matches(issue, filter ?? {}));
    return connection(
      found.toReversed().map((issue) => this.#view(issue)),
      page,
    );
  }

  #search({ term, ...page }: Page & { term: string }) {
    const wanted = term.toLowerCase();
    const found = this.issues.filter(({ title, description }) =>
      `${title} ${description ?? ''}`.toLowerCase().includes(wanted),
    );
    return {
      ...connection(
        found.map((issue) => this.#view(issue)),
        page,
      ),
      totalCount: found.length,
    };
  }

  #create({ teamId, title, description, priority }: IssueInput) {
    const team = this.#team(teamId ?? '');
    if (!title) throw inputError('title should not be empty', 'A title is required to create an issue.');
    if (this.issues.length >= MOST_ISSUES) throw inputError('too many issues', 'The workspace is full.');
    const number = team.nextNumber++;
    const identifier = `${team.key}-${number}`;
    const at = this.#at();
    const issue: LinearIssue = {
      id: randomUUID(),
      identifier,
      number,
      title,
      description: description ?? null,
      priority: priority ?? 0,
      url: `https://linear.app/example/issue/${identifier}/${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`,
      createdAt: at,
      updatedAt: at,
      archivedAt: null,
      team,
      comments: [],
    };
    this.issues.push(issue);
    return this.#done({ issue: this.#view(issue) });
  }

  #update(issue: LinearIssue, { title, description, priority }: IssueInput) {
    if (title) issue.title = title;
    if (description !== undefined) issue.description = description;
    if (typeof priority === 'number') issue.priority = priority;
    issue.updatedAt = this.#at();
    return this.#done({ issue: this.#view(issue) });
  }

  #archive(issue: LinearIssue) {
    issue.archivedAt = this.#at();
    return this.#done({});
  }

  #comment({ issueId, body }: { issueId: string; body?: string | null }) {
    const issue = this.#issue(issueId);
    if (!body) throw inputError('body should not be empty', 'A comment needs text.');
    const id = randomUUID();
    const comment = { id, body, url: `${issue.url}#comment-${id.slice(0, 8)}`, createdAt: this.#at(), issue };
    issue.comments.push(comment);
    return this.#done({ comment: { ...comment, user: VIEWER, issue: this.#view(issue) } });
  }

  #view(issue: LinearIssue) {
    const comments = (page: Page) =>
      connection(
        issue.comments.map((comment) => ({ ...comment, user: VIEWER })),
        page,
      );
    return { ...issue, comments, state: STATE, creator: VIEWER, assignee: null };
  }

  #issue(id: string): LinearIssue {
    const issue = this.issues.find((candidate) => candidate.id === id || candidate.identifier === id);
    if (!issue) throw notFound('Issue');
    return issue;
  }

  #team(id: string): Team {
    const team = this.#teams.find((candidate) => candidate.id === id || candidate.key === id);
    if (!team) throw notFound('Team');
    return team;
  }

  #at = () => new Date(this.#now()).toISOString();

  #done<T extends object>(rest: T) {
    this.#syncId += 1;
    return { success: true, lastSyncId: this.#syncId, ...rest };
  }
}

interface StringComparator {
  readonly eq?: string | null;
  readonly neq?: string | null;
  readonly contains?: string | null;
  readonly containsIgnoreCase?: string | null;
}
interface IssueFilter {
  readonly title?: StringComparator | null;
  readonly team?: { readonly key?: StringComparator | null; readonly name?: StringComparator | null } | null;
}

function matches(issue: LinearIssue, { title, team }: IssueFilter): boolean {
  return compares(issue.title, title) && compares(issue.team.key, team?.key) && compares(issue.team.name, team?.name);
}

function compares(value: string, comparator: StringComparator | null | undefined): boolean {
  const { eq, neq, contains, containsIgnoreCase } = comparator ?? {};
  if (typeof eq === 'string' && value !== eq) return false;
  if (typeof neq === 'string' && value === neq) return false;
  if (typeof contains === 'string' && !value.includes(contains)) return false;
  return typeof containsIgnoreCase !== 'string' || value.toLowerCase().includes(containsIgnoreCase.toLowerCase());
}

/** A page as Linear makes it: 50 at first, 250 at most, cursors are ids. */
function connection<T extends { readonly id: string }>(all: readonly T[], { first, last, after }: Page) {
  const from = after ? all.findIndex(({ id }) => id === after) + 1 : 0;
  const count = Math.min(Math.max(first ?? last ?? 50, 0), 250);
  const nodes = last && !first ? all.slice(-count) : all.slice(from, from + count);
  const end = from + nodes.length;
  return {
    nodes,
    pageInfo: {
      hasNextPage: end < all.length,
      hasPreviousPage: from > 0,
      startCursor: nodes[0]?.id ?? null,
      endCursor: nodes.at(-1)?.id ?? null,
    },
  };
}

const notFound = (entity: string) => inputError(`Entity not found: ${entity}`, `Could not find referenced ${entity}.`);

function inputError(message: string, userPresentableMessage: string): GraphQLError {
  const extensions = {
    type: 'invalid input',
    code: 'INPUT_ERROR',
    statusCode: 400,
    userError: true,
    userPresentableMessage,
    http: { status: 400 },
  };
  return new GraphQLError(message, { extensions });
}
