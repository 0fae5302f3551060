import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { AileronError, type ErrorCode } from '@aileron/errors';
import type { Problem } from '@aileron/contracts/rest';
import { currentContext, type Logger } from '@aileron/telemetry';
import type { FastifyReply } from 'fastify';
import { toAileronError } from './wire-error.js';

const FRAMEWORK_CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'INVALID_ARGUMENT',
  404: 'NOT_FOUND',
  405: 'NOT_FOUND',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
};

/** RFC 9457: the one shape of every refusal over HTTP. */
export function problemOf(error: AileronError): Problem {
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
    ...(currentContext() === undefined ? {} : { requestId: currentContext()?.requestId }),
  };
}

/** Catches everything that a handler, a guard, a pipe or the framework throws. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const error = fromFramework(thrown);
    if (error.code === 'INTERNAL') this.logger.error({ err: error.cause }, 'http.failed');
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    void reply.status(error.definition.http).header('content-type', 'application/problem+json').send(Buffer.from(JSON.stringify(problemOf(error))));
  }
}

export function fromFramework(thrown: unknown): AileronError {
  const status = thrown instanceof HttpException ? thrown.getStatus() : frameworkStatus(thrown);
  const code = status === undefined ? undefined : FRAMEWORK_CODES[status];
  return code === undefined ? toAileronError(thrown) : new AileronError(code, {}, { cause: thrown });
}

/** Fastify's own errors carry FST_ codes and a status. */
function frameworkStatus(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown) || !('statusCode' in thrown)) return undefined;
  return String(thrown.code).startsWith('FST_') ? Number(thrown.statusCode) : undefined;
}
