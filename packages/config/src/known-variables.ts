/** Every AILERON_ variable of any part: one that is not here is a slip, and is refused. */
export const KNOWN_VARIABLES: readonly string[] = [
  'AILERON_HOME',
  'AILERON_AGENTS_DIRECTORY',
  'AILERON_PASSPHRASE',
  'AILERON_LOG_LEVEL',
  'AILERON_MGMT_PORT',
  'AILERON_REQUIRE_ALL',
  // Set by the sandbox for what runs inside.
  'AILERON_API_URL',
  'AILERON_TOKEN',
];
