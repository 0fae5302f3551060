// A service with a REST API, and raw requests to it: fetch would not send the headers that matter here.
import { randomBytes } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { Controller, Delete, Get, Module, Post } from '@nestjs/common';
import { hashToken, Public, RequireLocalToken } from '@aileron/auth';
import { AileronError } from '@aileron/errors';
import { createMetrics, currentContext } from '@aileron/telemetry';
import { z } from 'zod';
import type { HttpOptions } from './http-server.js';
import type { Platform, ServiceDefinition } from './service-definition.js';
import { LogLines, VERSION } from './wirings.fixture.js';
import { ZodBody, ZodParam, ZodQuery } from './zod-input.js';

export const log = new LogLines();
export const platform = (service: string): Platform => ({
  logger: log.logger.child({ service }),
  metrics: createMetrics(service),
  clock: { now: () => Date.now() },
});

export const token = randomBytes(32).toString('base64url');
export const allowedOrigin = 'http://127.0.0.1:3000';
const Thing = z.strictObject({ name: z.string().min(1).max(2_000_000), size: z.int().optional() });

@Controller('v1/things')
export class Things {
  static slow = Promise.withResolvers<void>();
  static entered = Promise.withResolvers<void>();

  @Get()
  @RequireLocalToken()
  list(@ZodQuery(z.strictObject({ limit: z.coerce.number().int().max(10).default(5) })) query: { limit: number }) {
    return { limit: query.limit, context: currentContext() ?? null };
  }

  @Post()
  @RequireLocalToken()
  create(@ZodBody(Thing) body: z.infer<typeof Thing>) {
    return { length: body.name.length, context: currentContext() ?? null };
  }

  @Get('slow')
  @RequireLocalToken()
  async slow() {
    Things.entered.resolve();
    await Things.slow.promise;
    return { slow: true };
  }

  @Get('fails/:how')
  @RequireLocalToken()
  fails(@ZodParam('how', z.string().max(8)) how: string): never {
    if (how === 'known')
      throw new AileronError('POLICY_DENIED', { rule: 'r1' }, { cause: new Error('the hidden cause') });
    if (how === 'away') throw new AileronError('UNAVAILABLE', { service: 'other' });
    throw new TypeError('the hidden cause');
  }

  @Delete(':id')
  @RequireLocalToken()
  remove(@ZodParam('id', z.string().regex(/^thg_[a-z]+$/)) id: string) {
    return { removed: id };
  }
}

@Controller()
export class Health {
  @Get('health')
  @Public()
  health() {
    return { status: 'ok' };
  }
}

export const Config = z.object({ port: z.int().default(0), host: z.string().default('127.0.0.1') });
export type Config = z.infer<typeof Config>;

export const httpOf = ({ host, port }: Config): HttpOptions => ({
  host,
  port,
  access: { tokenSha256: hashToken(token), allowedOrigins: [allowedOrigin] },
});

export function httpService(
  controllers: readonly (new () => object)[] = [Things, Health],
  name = 'things',
): ServiceDefinition<Config> {
  class HttpModule {}
  Module({ controllers: [...controllers] })(HttpModule);
  return { name, version: VERSION, config: Config, module: () => HttpModule, http: httpOf };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** With the token and JSON unless the headers say otherwise; an empty value leaves a header out. */
export function ask(url: string, path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Answer> {
  const all = {
    authorization: `Bearer ${token}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...headers,
  };
  const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
  return new Promise((resolve, reject) => {
    const request = httpRequest(new URL(path, url), { method, headers: sent, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).once('error', reject);
      response.once('end', () =>
        resolve(answerOf(response.statusCode ?? 0, response.headers, Buffer.concat(chunks).toString())),
      );
    });
    request.once('error', reject).end(body);
  });
}

function answerOf(status: number, headers: IncomingHttpHeaders, text: string): Answer {
  const isJson = /json/.test(headers['content-type'] ?? '');
  return { status, headers, text, json: isJson ? (JSON.parse(text) as Record<string, unknown>) : {} };
}

/** Bytes in, bytes out. */
export function raw(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk)).once('error', reject);
    socket.once('close', () => resolve(Buffer.concat(chunks).toString()));
  });
}
