import type { DescMethod, Message } from '@bufbuild/protobuf';

export interface TransportOptions {
  readonly signal: AbortSignal;
  /** Absolute, ms epoch; null on a stream without one. */
  readonly deadline: number | null;
  readonly metadata: Readonly<Record<string, string>>;
}

/** How a call reaches its service: the two wirings differ in nothing else. */
export interface Transport {
  /** `request` as `create` takes it: what it lacks has its zero value. */
  unary(method: DescMethod, request: object, options: TransportOptions): Promise<Message>;
  stream(method: DescMethod, request: object, options: TransportOptions): AsyncIterable<Message>;
}
