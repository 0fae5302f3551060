import type {
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import type { CallContext } from './call-context.js';

type Handler<M> =
  M extends DescMethodUnary<infer I, infer O>
    ? (request: MessageShape<I>, context: CallContext) => MessageInitShape<O> | Promise<MessageInitShape<O>>
    : M extends DescMethodServerStreaming<infer I, infer O>
      ? (request: MessageShape<I>, context: CallContext) => AsyncIterable<MessageInitShape<O>>
      : never;

/**
 * What a provider implements to serve a service: one method for each rpc, typed by the contract. One that has its answer at
 * once may give it at once.
 */
export type ServiceImpl<S extends DescService> = { [M in keyof S['method']]: Handler<S['method'][M]> };

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** From now; the client's default when absent. A stream has none unless it names one. */
  readonly deadlineMs?: number | undefined;
  readonly tenantId?: string | undefined;
}

type Call<M> =
  M extends DescMethodUnary<infer I, infer O>
    ? (request: MessageInitShape<I>, options?: CallOptions) => Promise<MessageShape<O>>
    : M extends DescMethodServerStreaming<infer I, infer O>
      ? (request: MessageInitShape<I>, options?: CallOptions) => AsyncIterable<MessageShape<O>>
      : never;

/** A caller of a service, whichever wiring it is on. */
export type Client<S extends DescService> = { [M in keyof S['method']]: Call<S['method'][M]> };
