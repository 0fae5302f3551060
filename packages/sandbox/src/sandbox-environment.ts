import { INSIDE } from './sandbox-plan.js';

export interface EnvironmentInput {
  readonly agentToken: string;
  readonly agentEnv: Readonly<Record<string, string>>;
  readonly placeholderEnv: Readonly<Record<string, string>>;
}

/** User name of the session in Proxy-Authorization; the token is the password. */
const PROXY_USER = 'session';

/** The whole environment of the agent: nothing of the host's is carried over. Ours wins over what the agent asks for. */
export function sandboxEnvironment(input: EnvironmentInput): Record<string, string> {
  return {
    ...input.placeholderEnv,
    ...input.agentEnv,
    ...baseEnvironment(),
    ...tokenEnvironment(input.agentToken),
    ...certificateEnvironment(),
    AILERON_API_URL: `http://127.0.0.1:${INSIDE.proxyPort}`,
  };
}

/** What holds the token of the session. */
export const tokenEnvironment = (agentToken: string): Record<string, string> => ({
  ...proxyEnvironment(agentToken),
  AILERON_TOKEN: agentToken,
});

function baseEnvironment(): Record<string, string> {
  return {
    HOME: INSIDE.home,
    USER: 'agent',
    LOGNAME: 'agent',
    SHELL: '/bin/sh',
    PATH: `${INSIDE.platform}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
    LANG: 'C.UTF-8',
    TERM: 'xterm-256color',
    TMPDIR: '/tmp',
  };
}

/** Every spelling that is read somewhere; the empty NO_PROXY keeps a tool's own default from bypassing it. */
function proxyEnvironment(agentToken: string): Record<string, string> {
  const url = `http://${PROXY_USER}:${encodeURIComponent(agentToken)}@127.0.0.1:${INSIDE.proxyPort}`;
  const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];
  return {
    ...Object.fromEntries(names.map((name) => [name, url])),
    npm_config_proxy: url,
    npm_config_https_proxy: url,
    NO_PROXY: '',
    no_proxy: '',
    NODE_USE_ENV_PROXY: '1',
  };
}

/**
 * Variables that add a certificate get the session's CA; those that replace the trusted ones get the bundle, which holds the
 * public roots as well, because TLS to hosts that no connector owns passes through untouched.
 */
function certificateEnvironment(): Record<string, string> {
  const bundled = [
    'SSL_CERT_FILE',
    'REQUESTS_CA_BUNDLE',
    'CURL_CA_BUNDLE',
    'GIT_SSL_CAINFO',
    'PIP_CERT',
    'CARGO_HTTP_CAINFO',
    'AWS_CA_BUNDLE',
    'npm_config_cafile',
    'GRPC_DEFAULT_SSL_ROOTS_FILE_PATH',
    'NIX_SSL_CERT_FILE',
  ];
  return {
    ...Object.fromEntries(bundled.map((name) => [name, INSIDE.certificates])),
    SSL_CERT_DIR: '/etc/ssl/certs',
    NODE_EXTRA_CA_CERTS: INSIDE.sessionCertificate,
    DENO_CERT: INSIDE.sessionCertificate,
    UV_NATIVE_TLS: '1',
  };
}
