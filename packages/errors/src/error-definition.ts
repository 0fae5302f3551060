/** gRPC status codes by name, https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
export type GrpcCode =
  | 'CANCELLED'
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'OUT_OF_RANGE'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'DATA_LOSS'
  | 'UNAUTHENTICATED';

/** Who can do something about it. */
export type Actor = 'agent' | 'user' | 'administrator' | 'operator' | 'aileron';

export interface ErrorDefinition {
  readonly grpc: GrpcCode;
  /** HTTP status of the problem body. */
  readonly http: number;
  /** Exit code of the command line: sysexits(3) where one fits. */
  readonly exit: number;
  readonly actor: Actor;
  /** Constant: it holds no value of the caller's. Says what happened. */
  readonly message: string;
  /** What to do next, a sentence. */
  readonly action: string;
}

/** Definitions by code. */
export type ErrorDefinitions = Readonly<Record<string, ErrorDefinition>>;
