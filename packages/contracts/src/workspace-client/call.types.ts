import type { z } from 'zod';
import type { Delivery } from '../streams.js';
import type { WorkspaceRouteId, WorkspaceRoutes } from '../workspace/routes.js';

type Plain = string | number | boolean | undefined;
type Prop<R, K extends string> = R extends Readonly<Record<K, infer V>> ? V : never;
type Given<R, K extends string, T> = R extends Readonly<Record<K, unknown>> ? T : object;

/** What a call of a route takes: what its row has schemas for. */
export type CallInput<R> = Given<R, 'params', { readonly params: z.input<Prop<R, 'params'> & z.ZodType> }> &
  Given<R, 'query', { readonly query?: { readonly [K in keyof z.input<Prop<R, 'query'> & z.ZodType>]?: Plain } }> &
  Given<R, 'body', { readonly body: z.input<Prop<R, 'body'> & z.ZodType> }> &
  Given<R, 'ifMatch', { readonly ifMatch?: number }> & { readonly signal?: AbortSignal };

/** What a stream yields: deliveries for a StreamCursor, or plain messages. */
export type StreamMessage<S> = S extends { kind: 'numbered'; event: infer E; snapshot: infer V }
  ? Delivery<z.output<E & z.ZodType>, z.output<V & z.ZodType>>
  : S extends { kind: 'changes'; message: infer M }
    ? z.output<M & z.ZodType>
    : never;

type Answer<R> = R extends { stream: infer S }
  ? AsyncGenerator<StreamMessage<S>, void, undefined>
  : R extends { response: infer B }
    ? Promise<z.output<B & z.ZodType>>
    : Promise<void>;

/** A call that needs nothing may be made without an argument. */
type Arguments<I> = object extends I ? [input?: I] : [input: I];

/** Routes of frames are WebSockets and nothing else: `socketUrl` says where. */
type FrameRouteId = {
  [K in WorkspaceRouteId]: WorkspaceRoutes[K] extends { stream: { kind: 'frames' } } ? K : never;
}[WorkspaceRouteId];

export type WorkspaceCalls = {
  readonly [K in Exclude<WorkspaceRouteId, FrameRouteId>]: (
    ...input: Arguments<CallInput<WorkspaceRoutes[K]>>
  ) => Answer<WorkspaceRoutes[K]>;
};

/** A call as the code behind the types sees it. */
export interface AnyCallInput {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, Plain>>;
  readonly body?: unknown;
  readonly ifMatch?: number;
  readonly signal?: AbortSignal;
}
