import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { AileronError, type ErrorCode } from '@aileron/errors';
import type { Problem } from '@aileron/contracts/rest';
import { currentContext, type Logger } from '@aileron/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toAileronError } from './wire-error.js';

/** What frameworks refuse with a status of their own. */
const FRAMEWORK_CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  405: 'NOT_FOUND',
  408: 'DEADLINE_EXCEEDED',
  413: 'PAYLOAD_TOO_LARGE',
  414: 'INVALID_ARGUMENT',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  431: 'HEADERS_TOO_LARGE',
  503: 'UNAVAILABLE',
};

/** RFC 9110, 10.2.3. A part that died is started again about as fast. */
const RETRY_AFTER_SECONDS = 2;

/** RFC 9457: the one shape of every refusal over HTTP. */
export function problemOf(error: AileronError, requestId: string | undefined = currentContext()?.requestId): Problem {
  const { http, message, action } = error.definition;
  const { fields, ...details } = error.details;
  return {
    ...details,
    type: `https://aileron.dev/errors#${error.code.toLowerCase()}`,
    title: message,
    status: http,
    code: error.code,
    action,
    ...(fields === undefined ? {} : { fields: [...error.fields] }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

/** Answers with the problem of an error. A Buffer, because Fastify would give a text its own charset parameter. */
export function sendProblem(reply: FastifyReply, error: AileronError, requestId: string): void {
  const { http } = error.definition;
  const body = Buffer.from(JSON.stringify(problemOf(error, requestId)));
  if (http === 503) void reply.header('retry-after', RETRY_AFTER_SECONDS);
  void reply.status(http).header('content-type', 'application/problem+json').send(body);
}

/** Catches everything that a handler, a guard, a pipe or the framework throws. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const error = fromFramework(thrown);
    if (error.code === 'INTERNAL') this.logger.error({ err: error.cause, requestId: request.id }, 'http.failed');
    sendProblem(host.switchToHttp().getResponse<FastifyReply>(), error, request.id);
  }
}

export function fromFramework(thrown: unknown): AileronError {
  const status = thrown instanceof HttpException ? thrown.getStatus() : frameworkStatus(thrown);
  const code =
    status === undefined ? undefined : (FRAMEWORK_CODES[status] ?? (status < 500 ? 'INVALID_ARGUMENT' : undefined));
  return code === undefined ? toAileronError(thrown) : new AileronError(code, {}, { cause: thrown });
}

/** Fastify's own errors carry FST_ codes and a status, those of its JSON parser the status alone. */
function frameworkStatus(thrown: unknown): number | undefined {
  if (typeof thrown !== 'object' || thrown === null || AileronError.is(thrown) || !('statusCode' in thrown))
    return undefined;
  const isFrameworks =
    ('code' in thrown && String(thrown.code).startsWith('FST_')) || ('name' in thrown && thrown.name === 'SyntaxError');
  return isFrameworks && typeof thrown.statusCode === 'number' ? thrown.statusCode : undefined;
}
