import type { Environment } from './load-config.js';

/** What a child process needs of ours to run at all, and what it should tell of itself; no secret is among it. */
const NAMES = [
  'PATH',
  'HOME',
  'LANG',
  'TZ',
  'TMPDIR',
  'NODE_EXTRA_CA_CERTS',
  'AILERON_LOG_LEVEL',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
];

/** The environment of a part that we start: the few variables that every process needs, and what it is told. */
export function inheritedEnvironment(
  told: Readonly<Record<string, string>>,
  environment: Environment = process.env,
): Record<string, string> {
  const inherited = NAMES.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(inherited), ...told };
}

/** All of our environment, for our own program started once more, and what that is told. */
export function ownEnvironment(
  told: Readonly<Record<string, string>>,
  environment: Environment = process.env,
): Environment {
  return { ...environment, ...told };
}
