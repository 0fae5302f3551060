/** What the agent brings: from `AgentDefinition.command()` of @aileron/agents. */
export interface SandboxAgent {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Placed in the agent's home; paths are relative to it. */
  readonly files: readonly { readonly path: string; readonly content: string }[];
  /** Host folder of the installed agent, mounted read-only at {@link INSIDE.agent}. */
  readonly installDirectory: string;
}

/** What the connectors of a session put into its sandbox; made by `connectorContents`. */
export interface ConnectorContents {
  /** Commands on PATH: a name and the ShimSpec as JSON. */
  readonly shims: readonly { readonly name: string; readonly spec: string }[];
  /** Content of /etc/aileron/actions.json. */
  readonly actionsJson: string;
  /** Content of /etc/aileron/tools.txt. */
  readonly toolsText: string;
  /** Placeholders where tools look for their keys, such as LINEAR_API_KEY. */
  readonly placeholderEnv: Readonly<Record<string, string>>;
}

export interface SandboxLimits {
  readonly processes: number;
  readonly memoryBytes: number;
  /** In cores; 1.5 is one and a half. */
  readonly cpus: number;
  readonly openFiles: number;
  readonly temporaryBytes: number;
}

export interface SandboxInput {
  readonly sessionId: string;
  readonly agentToken: string;
  /** Of the session: holds `proxy.sock` and `ca.pem`, nothing else. */
  readonly runtimeDirectory: string;
  /** Mounted writable at {@link INSIDE.project}. */
  readonly projectDirectory: string;
  /** An empty 0700 folder that the caller made for this session and removes after it. */
  readonly stateDirectory: string;
  /** Folders the project must neither hold nor lie in: the home of Aileron. */
  readonly protectedDirectories: readonly string[];
  readonly contents: ConnectorContents;
  readonly promptHint: string;
  readonly agent: SandboxAgent;
  readonly limits?: Partial<SandboxLimits>;
  /** The agent's home, where it is to outlive the sandbox; else one in `stateDirectory`. */
  readonly homeDirectory?: string;
  /** Host name inside, of RFC 1123. Default: aileron. */
  readonly hostName?: string;
  /** Further folders of the host, mounted read-only below {@link INSIDE.agents} under these names. */
  readonly agentDirectories?: Readonly<Record<string, string>>;
}

/** Everything `runInSandbox` needs; the files it names exist. */
export interface SandboxPlan {
  readonly sessionId: string;
  readonly bubblewrapPath: string;
  /** As on the host. */
  readonly runtimeDirectory: string;
  readonly projectDirectory: string;
  readonly homeDirectory: string;
  readonly stateDirectory: string;
  readonly agentDirectory: string;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Content of /etc/aileron/session.json; it goes in through a pipe and is on no disk. */
  readonly sessionJson: string;
  readonly limits: SandboxLimits;
  readonly hostName: string;
  /** Host folders by what they are called below {@link INSIDE.agents}. */
  readonly agentDirectories: Readonly<Record<string, string>>;
  /** Limits that many sandboxes share: it joins them and makes none of its own. */
  readonly sharedLimits?: SharedLimits;
}

/** Control groups that somebody made for several sandboxes. */
export interface SharedLimits {
  /** A process that writes its pid into each is held by them, with all that it starts. */
  readonly joinPaths: readonly string[];
  readonly enforced: readonly ('processes' | 'memory' | 'cpus')[];
}

/** Where things are, seen from inside. */
export const INSIDE = {
  home: '/home/agent',
  project: '/workspace',
  runtime: '/run/aileron',
  platform: '/opt/aileron',
  agent: '/opt/agent',
  agents: '/opt/agents',
  node: '/opt/aileron/bin/node',
  settings: '/etc/aileron',
  session: '/etc/aileron/session.json',
  certificates: '/etc/ssl/certs/ca-certificates.crt',
  sessionCertificate: '/run/aileron/ca.pem',
  proxySocket: '/run/aileron/proxy.sock',
  proxyPort: 3128,
  uid: 1000,
  gid: 1000,
} as const;
