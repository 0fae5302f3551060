import { buildCatalogue } from '@aileron/connectors';
import { AileronError } from '@aileron/errors';
import { type AgentApiCaller, type ProxyHandlers, type ResponseWriter } from '../exchange.js';
import { type RequestHead } from '../parse/canonical-request.js';
import { type OwnRecords } from '../ports/own-records.port.js';
import { type RulesInForce } from '../decide/recheck-call.js';
import { type LiveSession } from '../sessions/live-session.js';

export interface AgentApiParts {
  readonly findSession: (socketSessionId: string) => LiveSession | null;
  readonly records: OwnRecords;
  readonly rules: () => RulesInForce;
  readonly serving: () => boolean;
  readonly version: string;
}

type Route = (input: { session: LiveSession; query: RequestHead['query']; signal: AbortSignal }) => Promise<unknown>;

const CALL_DEADLINE_MS = 10_000;
const DEFAULT_RECORDS = 100;
const MAX_RECORDS = 500;

/**
 * What an agent may read: its own session, approvals, records and actions. It decides nothing and sees nobody else. The
 * token must be that of the session whose socket this is, or that showed itself on the port; everything that is not
 * listed here is NOT_FOUND.
 */
export class AgentApi {
  readonly #parts: AgentApiParts;
  readonly #routes: Readonly<Record<string, Route>>;

  constructor(parts: AgentApiParts) {
    this.#parts = parts;
    this.#routes = {
      '/v1/self/status': ({ session }) => this.#status(session),
      '/v1/self/approvals': ({ session, signal }) => this.#approvals(session, signal),
      '/v1/self/audit': ({ session, query, signal }) => this.#audit(session, query, signal),
      '/v1/self/actions': async () => ({ actions: buildCatalogue(parts.rules().connectors.connectors) }),
    };
  }

  readonly handle: ProxyHandlers<LiveSession>['handleAgentApi'] = async (caller, head, _body, response, signal) => {
    const session = this.#authenticate(caller, head);
    const route = Object.hasOwn(this.#routes, head.path) ? this.#routes[head.path] : undefined;
    if (route === undefined || head.method !== 'GET') throw new AileronError('NOT_FOUND');
    const until = AbortSignal.any([signal, session.signal, AbortSignal.timeout(CALL_DEADLINE_MS)]);
    const answer = await route({ session, query: head.query, signal: until });
    await answerJson(response, answer);
  };

  #authenticate(caller: AgentApiCaller<LiveSession>, { headers }: RequestHead): LiveSession {
    const given = headers.filter(([name]) => name === 'authorization').map(([, value]) => value);
    if (caller.session !== null && given.length === 0) return caller.session;
    const token = given.length === 1 ? /^Bearer ([\x21-\x7e]{1,512})$/i.exec(given[0] ?? '')?.[1] : undefined;
    const session = caller.session ?? this.#parts.findSession(caller.socketSessionId);
    if (token === undefined || session === null || !session.hasToken(token)) throw new AileronError('UNAUTHENTICATED');
    return session;
  }

  async #status(session: LiveSession) {
    const { info } = session;
    return {
      sessionId: info.sessionId,
      agent: info.agent,
      user: info.user.name,
      workspace: info.workspace,
      project: info.project,
      state: info.state,
      expiresAt: new Date(info.expiresAt).toISOString(),
      enforcing: this.#parts.serving(),
      version: this.#parts.version,
    };
  }

  async #approvals({ tenantId, sessionId }: LiveSession, signal: AbortSignal) {
    return { approvals: await this.#parts.records.approvals({ tenantId, sessionId, signal }) };
  }

  async #audit({ tenantId, sessionId }: LiveSession, query: RequestHead['query'], signal: AbortSignal) {
    const asked = query.find(([key]) => key === 'limit')?.[1];
    const limit = asked === undefined ? DEFAULT_RECORDS : Number(asked);
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_RECORDS) {
      throw new AileronError('INVALID_ARGUMENT', {
        fields: [{ field: 'limit', message: `must be 1 to ${MAX_RECORDS}` }],
      });
    }
    const lines = await this.#parts.records.audit({ tenantId, sessionId, limit, signal });
    return { records: lines.flatMap((line) => ownRecord(line, sessionId)) };
  }
}

/** What another session's record would be doing here does not matter: it does not go out. */
function ownRecord(line: Uint8Array, sessionId: string): unknown[] {
  const record = JSON.parse(new TextDecoder().decode(line)) as { sessionId?: unknown };
  return record.sessionId === sessionId ? [record] : [];
}

async function answerJson(response: ResponseWriter, value: unknown): Promise<void> {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(200, 'OK', [
    ['content-type', 'application/json'],
    ['content-length', String(body.length)],
    ['cache-control', 'no-store'],
  ]);
  await response.write(body);
  await response.end();
}
