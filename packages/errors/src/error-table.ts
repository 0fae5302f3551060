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

const define = <const T extends Record<string, ErrorDefinition>>(table: T): T => table;

/** Every error Aileron answers with. docs/errors.md is generated from it. */
export const ERROR_TABLE = define({
  // General
  INVALID_ARGUMENT: {
    grpc: 'INVALID_ARGUMENT',
    http: 400,
    exit: 64,
    actor: 'user',
    message: 'The input is not valid.',
    action: 'Correct the named fields and try again.',
  },
  UNAUTHENTICATED: {
    grpc: 'UNAUTHENTICATED',
    http: 401,
    exit: 77,
    actor: 'user',
    message: 'The caller is not known.',
    action: 'Send a valid token.',
  },
  PERMISSION_DENIED: {
    grpc: 'PERMISSION_DENIED',
    http: 403,
    exit: 77,
    actor: 'user',
    message: 'The caller may not do this.',
    action: 'Ask somebody who may.',
  },
  NOT_FOUND: {
    grpc: 'NOT_FOUND',
    http: 404,
    exit: 69,
    actor: 'user',
    message: 'There is no such thing.',
    action: 'Check the id; list what exists.',
  },
  CONFLICT: {
    grpc: 'ABORTED',
    http: 409,
    exit: 75,
    actor: 'user',
    message: 'Somebody else changed it in between.',
    action: 'Read it again and repeat the change.',
  },
  PRECONDITION_FAILED: {
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    exit: 69,
    actor: 'user',
    message: 'The state does not allow this.',
    action: 'Look at the present state first.',
  },
  PAYLOAD_TOO_LARGE: {
    grpc: 'RESOURCE_EXHAUSTED',
    http: 413,
    exit: 65,
    actor: 'user',
    message: 'The input is larger than the limit.',
    action: 'Send less.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    grpc: 'INVALID_ARGUMENT',
    http: 415,
    exit: 65,
    actor: 'user',
    message: 'Only JSON is taken here.',
    action: 'Send Content-Type: application/json.',
  },
  RATE_LIMITED: {
    grpc: 'RESOURCE_EXHAUSTED',
    http: 429,
    exit: 75,
    actor: 'user',
    message: 'Too many requests.',
    action: 'Wait for the time that Retry-After names.',
  },
  DEADLINE_EXCEEDED: {
    grpc: 'DEADLINE_EXCEEDED',
    http: 504,
    exit: 75,
    actor: 'operator',
    message: 'It took longer than allowed.',
    action: 'Try again; look at the health of the services.',
  },
  CANCELLED: {
    grpc: 'CANCELLED',
    http: 499,
    exit: 75,
    actor: 'user',
    message: 'The caller went away.',
    action: 'Try again.',
  },
  UNAVAILABLE: {
    grpc: 'UNAVAILABLE',
    http: 503,
    exit: 69,
    actor: 'operator',
    message: 'A service this needs does not answer.',
    action: 'Wait and try again; look at the health of the services.',
  },
  UNIMPLEMENTED: {
    grpc: 'UNIMPLEMENTED',
    http: 501,
    exit: 69,
    actor: 'user',
    message: 'This is not offered.',
    action: 'Use what the documentation lists.',
  },
  INTERNAL: {
    grpc: 'INTERNAL',
    http: 500,
    exit: 70,
    actor: 'aileron',
    message: 'Something went wrong inside.',
    action: 'Give the request id to whoever runs the service.',
  },
  VERSION_MISMATCH: {
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    exit: 69,
    actor: 'operator',
    message: 'The two parts are too far apart in version.',
    action: 'Bring both to the same minor version.',
  },
  PEER_UNTRUSTED: {
    grpc: 'UNAVAILABLE',
    http: 503,
    exit: 78,
    actor: 'operator',
    message: "The two parts do not trust each other's certificates.",
    action: 'Give both certificates of one CA that name their parts: aileron certs init.',
  },
  TENANT_MISMATCH: {
    grpc: 'PERMISSION_DENIED',
    http: 403,
    exit: 78,
    actor: 'operator',
    message: 'The two parts serve different tenants.',
    action: 'Give both certificates of the same tenant.',
  },
  ORIGIN_REFUSED: {
    grpc: 'PERMISSION_DENIED',
    http: 403,
    exit: 77,
    actor: 'user',
    message: 'The Host or Origin of this call is not on the list.',
    action: 'Call the local address directly.',
  },

  // Start-up and the home
  CONFIG_INVALID: {
    grpc: 'FAILED_PRECONDITION',
    http: 500,
    exit: 78,
    actor: 'operator',
    message: 'The configuration is not valid.',
    action: 'Correct the named variables.',
  },
  HOME_IN_USE: {
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    exit: 75,
    actor: 'operator',
    message: 'Another service holds this home.',
    action: 'Use that one, end it, or set AILERON_HOME to another folder.',
  },
  HOME_UNWRITABLE: {
    grpc: 'FAILED_PRECONDITION',
    http: 500,
    exit: 73,
    actor: 'operator',
    message: 'The home cannot be written.',
    action: 'Make the folder writable for this user, or set AILERON_HOME to one that is.',
  },
  HOME_PATH_TOO_LONG: {
    grpc: 'FAILED_PRECONDITION',
    http: 500,
    exit: 78,
    actor: 'operator',
    message: 'The path of the home is too long for a Unix socket.',
    action: 'Set AILERON_HOME to a shorter path.',
  },
  PORT_IN_USE: {
    grpc: 'FAILED_PRECONDITION',
    http: 500,
    exit: 75,
    actor: 'operator',
    message: 'A port is taken.',
    action: 'End its holder or set another port.',
  },
  SERVICE_NOT_RUNNING: {
    grpc: 'UNAVAILABLE',
    http: 503,
    exit: 69,
    actor: 'user',
    message: 'The service does not run.',
    action: 'Start it with `aileron service`.',
  },
  DATABASE_UNAVAILABLE: {
    grpc: 'UNAVAILABLE',
    http: 503,
    exit: 69,
    actor: 'operator',
    message: 'The database does not answer.',
    action: 'Start the database again; nothing was lost.',
  },
  QUEUE_UNAVAILABLE: {
    grpc: 'UNAVAILABLE',
    http: 503,
    exit: 69,
    actor: 'operator',
    message: 'The job queue does not answer.',
    action: 'Start its Postgres or Redis again; jobs that were confirmed are kept.',
  },
  MIGRATION_DRIFT: {
    grpc: 'FAILED_PRECONDITION',
    http: 500,
    exit: 78,
    actor: 'operator',
    message: 'The database and the migrations do not agree.',
    action: 'Restore the migration files, or use the version that wrote this database.',
  },
  SANDBOX_UNAVAILABLE: {
    grpc: 'FAILED_PRECONDITION',
    http: 500,
    exit: 69,
    actor: 'operator',
    message: 'The sandbox cannot be enforced on this machine.',
    action: 'Install what is named, or choose another sandbox.',
  },
  AGENT_UNAVAILABLE: {
    grpc: 'FAILED_PRECONDITION',
    http: 500,
    exit: 69,
    actor: 'user',
    message: 'The agent could not be installed or started.',
    action: 'Read the cause; check the npm registry, or choose another agent.',
  },

  // Vault and leases
  VAULT_NOT_INITIALISED: {
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    exit: 69,
    actor: 'user',
    message: 'There is no vault yet.',
    action: 'Make one with `aileron vault init`.',
  },
  PASSPHRASE_WRONG: {
    grpc: 'PERMISSION_DENIED',
    http: 403,
    exit: 77,
    actor: 'user',
    message: 'The passphrase does not open this vault.',
    action: 'Try again; nothing was changed.',
  },
  KDF_TOO_WEAK: {
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    exit: 76,
    actor: 'aileron',
    message: 'The stored key derivation is weaker than allowed.',
    action: 'Do not enter the passphrase: the store may have been tampered with.',
  },
  VAULT_TAMPERED: {
    grpc: 'DATA_LOSS',
    http: 409,
    exit: 76,
    actor: 'user',
    message: 'The vault was changed by somebody who is not a member.',
    action: 'Restore it from a backup and rotate its credentials.',
  },
  LEASE_MISSING: {
    grpc: 'UNAVAILABLE',
    http: 503,
    exit: 75,
    actor: 'user',
    message: 'This session is locked: its keys are not in memory.',
    action: 'Unlock it with `aileron vault unlock`.',
  },
  LEASE_EXPIRED: {
    grpc: 'UNAVAILABLE',
    http: 503,
    exit: 75,
    actor: 'user',
    message: 'The lease of this session ran out.',
    action: 'Unlock it again with `aileron vault unlock`.',
  },
  LEASE_INVALID: {
    grpc: 'INVALID_ARGUMENT',
    http: 400,
    exit: 76,
    actor: 'user',
    message: 'The lease was not sealed for this service, session or time.',
    action: 'Unlock again.',
  },
  CREDENTIAL_NOT_BOUND: {
    grpc: 'NOT_FOUND',
    http: 403,
    exit: 77,
    actor: 'user',
    message: 'No credential is bound to this operation and host.',
    action: 'Store one with `aileron secret set`.',
  },
  CREDENTIAL_AMBIGUOUS: {
    grpc: 'FAILED_PRECONDITION',
    http: 403,
    exit: 77,
    actor: 'user',
    message: 'Two credentials are bound to this operation.',
    action: 'Remove one of the two that are named.',
  },
  CREDENTIAL_BINDING_REFUSED: {
    grpc: 'PERMISSION_DENIED',
    http: 403,
    exit: 77,
    actor: 'user',
    message: 'The owner of this credential did not bind it to this host and operation.',
    action: 'Ask the owner to bind it.',
  },
  SECRET_UNSUITABLE: {
    grpc: 'INVALID_ARGUMENT',
    http: 400,
    exit: 65,
    actor: 'user',
    message: 'This value cannot be sent as a credential.',
    action: 'Use 8 to 8192 visible ASCII characters without spaces at the ends.',
  },
  STATE_TAMPERED: {
    grpc: 'DATA_LOSS',
    http: 409,
    exit: 76,
    actor: 'operator',
    message: 'Sealed state does not open.',
    action: 'End the session and start a new one.',
  },

  // Signatures and bundles
  SIGNATURE_INVALID: {
    grpc: 'PERMISSION_DENIED',
    http: 403,
    exit: 76,
    actor: 'operator',
    message: 'The signature is not one of a trusted key.',
    action: 'Sign it with a registered key.',
  },
  BUNDLE_REFUSED: {
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    exit: 76,
    actor: 'administrator',
    message: 'The bundle is invalid, unsigned or older than the present one.',
    action: 'Publish a valid, newer, signed bundle; the present one stays.',
  },
  ROLLBACK_STATE_BROKEN: {
    grpc: 'DATA_LOSS',
    http: 500,
    exit: 78,
    actor: 'operator',
    message: 'The record of the bundles accepted so far cannot be read, so an older policy could come back.',
    action: 'Restore the named file; remove it only when the published bundles are known to be the newest.',
  },
  POLICY_INVALID: {
    grpc: 'INVALID_ARGUMENT',
    http: 400,
    exit: 65,
    actor: 'administrator',
    message: 'The policy is not valid.',
    action: 'Correct the named policy.',
  },
  CONNECTOR_INVALID: {
    grpc: 'INVALID_ARGUMENT',
    http: 400,
    exit: 65,
    actor: 'administrator',
    message: 'The connector is not valid.',
    action: 'Correct the named place in its specification or overlay.',
  },

  // Audit
  AUDIT_CHAIN_BROKEN: {
    grpc: 'DATA_LOSS',
    http: 409,
    exit: 76,
    actor: 'operator',
    message: 'The audit chain does not verify.',
    action: 'Compare the named record with another copy.',
  },
  AUDIT_UNAVAILABLE: {
    grpc: 'UNAVAILABLE',
    http: 503,
    exit: 69,
    actor: 'operator',
    message: 'The audit log cannot be written, so nothing with a credential passes.',
    action: 'Free space or repair the disk.',
  },

  // Approvals
  APPROVAL_PENDING: {
    grpc: 'FAILED_PRECONDITION',
    http: 428,
    exit: 75,
    actor: 'user',
    message: 'A person has to approve this first.',
    action: 'Repeat the same request after Retry-After; it finds its approval.',
  },
  APPROVAL_DENIED: {
    grpc: 'PERMISSION_DENIED',
    http: 403,
    exit: 77,
    actor: 'user',
    message: 'A person refused this.',
    action: 'Read the reason and do something else.',
  },
  APPROVAL_EXPIRED: {
    grpc: 'PERMISSION_DENIED',
    http: 403,
    exit: 77,
    actor: 'user',
    message: 'Nobody decided in time, or the approval ran out.',
    action: 'Ask again.',
  },
  APPROVAL_INVALID: {
    grpc: 'PERMISSION_DENIED',
    http: 403,
    exit: 76,
    actor: 'operator',
    message: 'The approval is not signed by an approver, or is for another request.',
    action: 'Look at who wrote to the approvals.',
  },
  APPROVAL_CONSUMED: {
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    exit: 77,
    actor: 'agent',
    message: 'This approval was used already.',
    action: 'Ask for a new one.',
  },

  // The proxy
  PROXY_AUTHENTICATION_REQUIRED: {
    grpc: 'UNAUTHENTICATED',
    http: 407,
    exit: 77,
    actor: 'agent',
    message: 'The proxy does not know this session.',
    action: 'Send the Proxy-Authorization of a live session.',
  },
  SESSION_ENDED: {
    grpc: 'UNAUTHENTICATED',
    http: 407,
    exit: 77,
    actor: 'user',
    message: 'The session has ended.',
    action: 'Start a new one with `aileron launch`.',
  },
  ENFORCEMENT_UNAVAILABLE: {
    grpc: 'UNAVAILABLE',
    http: 503,
    exit: 75,
    actor: 'operator',
    message: 'The proxy cannot enforce now, so nothing passes.',
    action: 'Wait; look at the health of the services.',
  },
  REQUEST_MALFORMED: {
    grpc: 'INVALID_ARGUMENT',
    http: 400,
    exit: 65,
    actor: 'agent',
    message: 'The request is not well formed.',
    action: 'Send strict HTTP/1.1.',
  },
  HEADERS_TOO_LARGE: {
    grpc: 'RESOURCE_EXHAUSTED',
    http: 431,
    exit: 65,
    actor: 'agent',
    message: 'The head of the request is too large.',
    action: 'Send fewer or shorter headers.',
  },
  TARGET_MISMATCH: {
    grpc: 'INVALID_ARGUMENT',
    http: 421,
    exit: 65,
    actor: 'agent',
    message: 'CONNECT, SNI, Host and URI do not name the same target.',
    action: 'Open one tunnel for each host.',
  },
  PLAINTEXT_REFUSED: {
    grpc: 'INVALID_ARGUMENT',
    http: 403,
    exit: 65,
    actor: 'agent',
    message: 'Plain HTTP does not pass.',
    action: 'Use https.',
  },
  PROTOCOL_REFUSED: {
    grpc: 'INVALID_ARGUMENT',
    http: 403,
    exit: 65,
    actor: 'agent',
    message: 'This protocol does not pass here.',
    action: 'Use HTTPS with HTTP/1.1.',
  },
  OPERATION_UNKNOWN: {
    grpc: 'PERMISSION_DENIED',
    http: 403,
    exit: 77,
    actor: 'agent',
    message: 'No operation of a connector matches this request.',
    action: 'Use one that `aileron actions list` names.',
  },
  OPERATION_AMBIGUOUS: {
    grpc: 'PERMISSION_DENIED',
    http: 403,
    exit: 77,
    actor: 'agent',
    message: 'More than one operation matches this request.',
    action: 'Send one operation a request.',
  },
  ARGUMENTS_INVALID: {
    grpc: 'INVALID_ARGUMENT',
    http: 400,
    exit: 65,
    actor: 'agent',
    message: 'The arguments do not fit the operation.',
    action: 'Correct the named fields.',
  },
  BODY_NOT_INSPECTABLE: {
    grpc: 'RESOURCE_EXHAUSTED',
    http: 413,
    exit: 65,
    actor: 'agent',
    message: 'The body cannot be inspected.',
    action: 'Send a smaller, uncompressed body of the declared type.',
  },
  POLICY_DENIED: {
    grpc: 'PERMISSION_DENIED',
    http: 403,
    exit: 77,
    actor: 'agent',
    message: 'Policy does not allow this.',
    action: 'Ask an administrator for the named rule, or do something else.',
  },
  CREDENTIAL_SMUGGLED: {
    grpc: 'PERMISSION_DENIED',
    http: 403,
    exit: 77,
    actor: 'agent',
    message: 'The request carries a credential that is not the placeholder of this session.',
    action: 'Use the placeholder.',
  },
  DESTINATION_REFUSED: {
    grpc: 'PERMISSION_DENIED',
    http: 403,
    exit: 77,
    actor: 'agent',
    message: 'This destination is private, special or not allowed.',
    action: 'Use a public host, or ask an administrator to declare it.',
  },
  UPSTREAM_UNREACHABLE: {
    grpc: 'UNAVAILABLE',
    http: 502,
    exit: 69,
    actor: 'operator',
    message: 'The upstream cannot be reached.',
    action: 'Try again later.',
  },
  UPSTREAM_UNTRUSTED: {
    grpc: 'UNAVAILABLE',
    http: 502,
    exit: 69,
    actor: 'operator',
    message: 'The certificate of the upstream is not valid for it.',
    action: 'Look at the upstream; nothing was sent.',
  },
  UPSTREAM_MALFORMED: {
    grpc: 'UNAVAILABLE',
    http: 502,
    exit: 69,
    actor: 'operator',
    message: 'The upstream did not answer in well-formed HTTP.',
    action: 'Look at the upstream; whether it acted is not known.',
  },
  RESPONSE_NOT_SCRUBBABLE: {
    grpc: 'UNAVAILABLE',
    http: 502,
    exit: 69,
    actor: 'operator',
    message: 'The answer is encoded so that a secret in it could not be found.',
    action: 'Ask for an identity encoding.',
  },
  CANARY_LEAKED: {
    grpc: 'DATA_LOSS',
    http: 500,
    exit: 76,
    actor: 'aileron',
    message: 'A canary was found where it must not be.',
    action: 'Rotate the credential; look at the named place.',
  },
});

/** A code of the table. */
export type ErrorCode = keyof typeof ERROR_TABLE;
