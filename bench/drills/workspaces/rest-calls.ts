import { createWorkspaceClient, ProblemError, type WorkspaceClient } from '@aileron/contracts/workspace-client';
import { Agent, request } from 'undici';

/** How one call ended. */
export interface Ended {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** 0: no answer came. */
  readonly status: number;
  /** Of the problem; `cut` without an answer. */
  readonly code: string;
  readonly retryAfter: boolean;
  readonly url: string;
}

export type Called<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly ended: Ended };

const CALL_MS = 20_000;

/** Calls by the generated client, each on record with how it ended. */
export class RestCalls {
  readonly ended: Ended[] = [];
  readonly #agent = new Agent({ keepAliveTimeout: 1_000, connections: 64 });

  /** @param name what the call is counted as */
  async call<T>(url: string, name: string, work: (client: WorkspaceClient) => Promise<T>): Promise<Called<T>> {
    const from = Date.now();
    let status = 0;
    let retryAfter = false;
    const client = createWorkspaceClient({
      baseUrl: url,
      deadlineMs: CALL_MS,
      fetch: async (target, init) => {
        const { statusCode, headers, body } = await request(target, {
          method: init.method as 'GET',
          headers: init.headers,
          body: init.body ?? null,
          signal: init.signal,
          dispatcher: this.#agent,
        });
        const text = await body.text();
        status = statusCode;
        retryAfter = headers['retry-after'] !== undefined;
        return { ok: status >= 200 && status < 300, status, text: async () => text, body: null };
      },
    });
    const end = (code: string): Ended => {
      const ended = { name, from, to: Date.now(), status, code, retryAfter, url };
      this.ended.push(ended);
      return ended;
    };
    try {
      const value = await work(client);
      end('ok');
      return { ok: true, value };
    } catch (error) {
      if (status === 0) return { ok: false, ended: end('cut') };
      return { ok: false, ended: end(error instanceof ProblemError ? error.code : 'not-of-the-contract') };
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}
