import { connectHead, connectThroughProxy, type RawClient, type RawResponse } from '@aileron/testing';
import type { StartSessionResponse } from '@aileron/contracts/rest';
import { join } from 'node:path';
import { z } from 'zod';
import type { AgentRequest } from './operation.ts';

/** What the agent makes of an answer. */
export interface Answered {
  readonly status: number | null;
  readonly code: string;
  readonly retryAfterMs: number | null;
}

/** An agent waits: a held request alone takes seconds. */
const DEADLINE_MS = 30_000;
const MOST_IDLE = 64;

const Problem = z.object({ code: z.string() });
const GraphQlAnswer = z.object({ errors: z.array(z.unknown()).optional() });

/** The agent's side of one session: tunnels through its socket, kept alive and used again. */
export class Agent {
  readonly #session: StartSessionResponse;
  readonly #idle = new Map<string, RawClient[]>();

  constructor(session: StartSessionResponse) {
    this.#session = session;
  }

  /** One request, once. Resolves however it ends. */
  async send(request: AgentRequest): Promise<Answered> {
    let client: RawClient | undefined;
    try {
      const opened = await this.#tunnel(request.host);
      if ('refused' in opened) return opened.refused;
      client = opened.client;
      client.write(bytesOf(request));
      const response = await client.readResponse();
      this.#keep(request.host, client, response);
      return readAnswer(response);
    } catch (error) {
      client?.close();
      return { status: null, code: client === undefined ? nameOf(error) : 'connection cut', retryAfterMs: null };
    }
  }

  close(): void {
    for (const clients of this.#idle.values()) for (const client of clients.splice(0)) client.close();
  }

  async #tunnel(host: string): Promise<{ client: RawClient } | { refused: Answered }> {
    const idle = this.#idle.get(host) ?? [];
    while (idle.length > 0) {
      const client = idle.pop() as RawClient;
      if (isOpen(client)) return { client };
      client.close();
    }
    const { runtimeDirectory, agentToken, caCertificatePem } = this.#session;
    const { client, response } = await connectThroughProxy({
      proxy: { socketPath: join(runtimeDirectory, 'proxy.sock') },
      head: connectHead(`${host}:443`, agentToken),
      tls: { caPem: caCertificatePem, servername: host },
      deadlineMs: DEADLINE_MS,
    });
    if (response.status === 200) return { client };
    client.close();
    return { refused: readAnswer(response) };
  }

  #keep(host: string, client: RawClient, response: RawResponse): void {
    const idle = this.#idle.get(host) ?? [];
    this.#idle.set(host, idle);
    const closes = response.header('connection')?.toLowerCase() === 'close';
    if (closes || !isOpen(client) || idle.length >= MOST_IDLE) client.close();
    else idle.push(client);
  }
}

const isOpen = ({ socket }: RawClient): boolean => socket.readable && socket.writable && !socket.destroyed;

function bytesOf({ host, path, headers, body }: AgentRequest): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = Buffer.byteLength(body);
  return `POST ${path} HTTP/1.1\r\nHost: ${host}\r\n${lines.join('')}Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`;
}

function readAnswer(response: RawResponse): Answered {
  const seconds = Number(response.header('retry-after') ?? Number.NaN);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1_000 : null;
  return { status: response.status, code: codeOf(response), retryAfterMs };
}

function codeOf(response: RawResponse): string {
  const { status } = response;
  if (status === 200 && response.header('content-type')?.startsWith('text/event-stream') === true) {
    return response.body.includes('event: message_stop') ? 'OK' : 'stream not whole';
  }
  const values = readJson(response);
  if (status === 200) return GraphQlAnswer.safeParse(values).data?.errors === undefined ? 'OK' : 'GraphQL errors';
  return Problem.safeParse(values).data?.code ?? `status ${status}`;
}

function readJson(response: RawResponse): unknown {
  try {
    return response.json();
  } catch {
    return undefined;
  }
}

function nameOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return code === 'ENOENT' || code === 'ECONNREFUSED' ? 'nobody listens' : 'no tunnel';
}
