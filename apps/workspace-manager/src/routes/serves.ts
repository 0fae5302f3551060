import { Public } from '@aileron/auth';
import {
  WORKSPACE_ROUTES,
  type Route,
  type WorkspaceRouteId,
  type WorkspaceRoutes,
} from '@aileron/contracts/workspace';
import { AileronError } from '@aileron/errors';
import {
  applyDecorators,
  createParamDecorator,
  HttpCode,
  RequestMapping,
  RequestMethod,
  SetMetadata,
} from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';

const ROUTE_ID = 'workspace-manager:route-id';

type Parsed<R, K extends string> = R extends { readonly [P in K]: infer S extends z.ZodType } ? z.output<S> : undefined;

/** What a request of a route says, checked by the schemas of the table. */
export interface RouteInput<Id extends WorkspaceRouteId> {
  readonly params: Parsed<WorkspaceRoutes[Id], 'params'>;
  readonly query: Parsed<WorkspaceRoutes[Id], 'query'>;
  readonly body: Parsed<WorkspaceRoutes[Id], 'body'>;
  /** The generation that the caller has seen; null: whichever is present. */
  readonly ifMatch: number | null;
}

/** A handler of a route of the table: method, path and status are those of the table. These routes need no token. */
export function Serves(id: WorkspaceRouteId): MethodDecorator {
  const { method, path, status }: Route = WORKSPACE_ROUTES[id];
  return applyDecorators(
    RequestMapping({ path: path.replaceAll(/\{(\w+)\}/g, ':$1'), method: RequestMethod[method] }),
    HttpCode(status),
    Public(),
    SetMetadata(ROUTE_ID, id),
  );
}

/** The RouteInput of the handler's route. */
export const Input = createParamDecorator((_data: unknown, context: ExecutionContext): unknown => {
  const id = Reflect.getMetadata(ROUTE_ID, context.getHandler()) as WorkspaceRouteId;
  const { params, query, body, headers } = context.switchToHttp().getRequest<FastifyRequest>();
  return parseRouteInput(id, { params, query, body, ifMatch: headers['if-match'] });
});

/** What Fastify has of a call: for streams, which are written past Nest. */
export const Exchange = createParamDecorator((_data: unknown, context: ExecutionContext): HttpExchange => {
  const http = context.switchToHttp();
  return { request: http.getRequest<FastifyRequest>(), reply: http.getResponse<FastifyReply>() };
});

export interface HttpExchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export interface RawInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly ifMatch: string | undefined;
}

/** @throws ZodError; AileronError INVALID_ARGUMENT */
export function parseRouteInput<Id extends WorkspaceRouteId>(id: Id, raw: RawInput): RouteInput<Id> {
  const route: Route = WORKSPACE_ROUTES[id];
  return {
    params: route.params?.parse(raw.params),
    query: route.query?.parse(raw.query ?? {}),
    body: route.body?.parse(raw.body ?? {}),
    ifMatch: route.ifMatch === true ? generationOf(raw.ifMatch) : null,
  } as RouteInput<Id>;
}

function generationOf(header: string | undefined): number | null {
  if (header === undefined || header === '*') return null;
  const digits = /^"(\d{1,15})"$/.exec(header)?.[1];
  if (digits !== undefined) return Number(digits);
  const fields = [{ field: 'if-match', message: 'must be a generation in quotes, for example "3"' }];
  throw new AileronError('INVALID_ARGUMENT', { fields });
}
