import type { SourceFile } from './workspace.ts';
import { hasTag, isBelow, isInsideSandbox, type Rule, type Violation } from './rule.ts';

/** Names of a module that have an effect, for `import { name }` and for `module.name`. */
function usesOf(file: SourceFile, modules: RegExp, names: RegExp): Violation[] {
  return file.imports
    .filter(({ specifier }) => modules.test(specifier))
    .flatMap(({ specifier, names: imported, namespaces, line }) => {
      const direct = imported
        .filter((name) => names.test(name))
        .map((name) => ({ line, what: `imports ${name} of ${specifier}` }));
      const members = file.members.filter(({ name }) => {
        const [object = '', property = ''] = name.split('.');
        return namespaces.includes(object) && names.test(property);
      });
      return [...direct, ...members.map((member) => ({ line: member.line, what: `uses ${member.name}` }))];
    });
}

const importsOf = (file: SourceFile, modules: RegExp): Violation[] =>
  file.imports
    .filter(({ specifier, typeOnly }) => !typeOnly && modules.test(specifier))
    .map(({ specifier, line }) => ({ line, what: `imports ${specifier}` }));

const membersOf = (file: SourceFile, names: RegExp): Violation[] =>
  file.members.filter(({ name }) => names.test(name)).map(({ name, line }) => ({ line, what: `uses ${name}` }));

const globalsOf = (file: SourceFile, names: RegExp): Violation[] =>
  file.globals.filter(({ name }) => names.test(name)).map(({ name, line }) => ({ line, what: `uses ${name}` }));

/** What its caller gives it as its environment is what it gives to the command inside. */
const ENTRANCE = 'packages/sandbox/src/enter';

export const environmentInConfig: Rule = {
  name: 'environment-in-config',
  why: 'Configuration is a value that is passed in: only packages/config reads process.env.',
  check: (file) => {
    if (file.isTest || isInsideSandbox(file) || isBelow(file, 'packages/config', 'scripts', ENTRANCE)) return [];
    const imports = file.imports.filter(
      ({ specifier, names }) => /^(node:)?process$/.test(specifier) && names.includes('env'),
    );
    return [
      ...membersOf(file, /^process\.env$/),
      ...imports.map(({ line }) => ({ line, what: 'imports env of node:process' })),
    ];
  },
};

const CRYPTO_HOMES = [
  'packages/vault',
  'packages/audit',
  'packages/tls',
  'packages/auth',
  'apps/credential-service',
  'apps/enclave',
] as const;
const CRYPTO_CALLS =
  /^(createSign|createCipheriv|createDecipheriv|sign|publicEncrypt|privateEncrypt|privateDecrypt|diffieHellman|hkdf|hkdfSync|scrypt|scryptSync|pbkdf2|pbkdf2Sync|argon2|argon2Sync|generateKeyPair|generateKeyPairSync|createPrivateKey)$/;
const CRYPTO_LIBRARIES =
  /^(@hpke\/|jose$|@node-rs\/argon2|argon2$|hash-wasm$|@peculiar\/x509$|node-forge$|@noble\/(ciphers|curves|post-quantum))/;

export const cryptographyAtHome: Rule = {
  name: 'cryptography-at-home',
  why: 'Signing, encryption and key derivation are in vault, audit, tls, auth, credential-service and enclave only.',
  check: (file) => {
    if (file.isTest || isBelow(file, ...CRYPTO_HOMES)) return [];
    return [
      ...usesOf(file, /^(node:)?crypto$/, CRYPTO_CALLS),
      ...importsOf(file, CRYPTO_LIBRARIES),
      ...membersOf(file, /^subtle\.(encrypt|decrypt|sign|deriveKey|deriveBits|wrapKey|unwrapKey|generateKey)$/),
    ];
  },
};

const DIALLERS = [
  'packages/egress',
  'packages/service-host',
  'apps/proxy/src/upstream',
  'apps/proxy/src/tunnel',
  'scripts',
] as const;
/** Knock at their own Unix socket, to tell a stale file from a part that runs. */
const KNOCKERS = new Set(['apps/proxy/src/listener/socket-path.ts', 'packages/provisioner/src/docker/part-sockets.ts']);
/** Answer WebSockets, by a library that could dial as well. */
const SOCKET_SERVERS = new Set(['apps/workspace-manager/src/routes/web-sockets.ts']);
const DIAL_CALLS = /^(connect|createConnection|request|get|Agent|Socket|TLSSocket|createSocket|lookup|resolve[46]?)$/;
const DIAL_LIBRARIES = /^(undici|axios|got|node-fetch|ws|@grpc\/grpc-js|superagent)$/;

export const outboundThroughEgress: Rule = {
  name: 'outbound-through-egress',
  why: 'Whatever leaves goes through packages/egress (or the proxy’s upstream and tunnel): there destinations are vetted.',
  check: (file) => {
    if (file.isTest || isInsideSandbox(file) || isBelow(file, ...DIALLERS) || KNOCKERS.has(file.path)) return [];
    // A page calls its own origin, and its policy lets it call no other.
    if (hasTag(file, 'web')) return [];
    return [
      ...usesOf(file, /^(node:)?(net|tls|http|https|http2|dgram|dns|dns\/promises)$/, DIAL_CALLS),
      ...(SOCKET_SERVERS.has(file.path) ? [] : importsOf(file, DIAL_LIBRARIES)),
      ...globalsOf(file, /^(fetch|WebSocket|EventSource|XMLHttpRequest)$/),
      ...membersOf(file, /^globalThis\.(fetch|WebSocket|EventSource)$/),
    ];
  },
};
