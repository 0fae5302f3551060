/** The exact Claude Code that Aileron installs. The version and the digests change together. */
export const CLAUDE_CODE_PACKAGE = '@anthropic-ai/claude-code';
export const CLAUDE_CODE_VERSION = '2.1.329';

/**
 * Subresource integrity of each package that ends up on the machine, from the npm registry. npm checks the bytes against
 * what its registry says; this checks what the registry says, so a changed mirror is noticed.
 */
export const CLAUDE_CODE_INTEGRITY: Readonly<Record<string, string>> = {
  '@anthropic-ai/claude-code':
    'sha512-WQ7RY331gsODjOoDBbeG1fjMfKY1Ur9yxWAOI9SgdLZvqA9sAREaezXt7e3uNbHlgjVAZg1IqlJT1J7WKViEFA==',
  '@anthropic-ai/claude-code-linux-x64':
    'sha512-+n4lu1ubYAp02Y0X/MAUnxw9yY6SHHZ77F+IoW+V0wVoFuiI9opdH6gofjf14gXJCEYMTNpks7Gn1i8XZTKAWA==',
  '@anthropic-ai/claude-code-linux-arm64':
    'sha512-IiG5umFToSCVWqB1lEsxxwIxKgxPXyZ3DRU915v8J4Bz5Q3JpslM0ew1m5yaT+lFXBPvYxmsEgi0XI68XHND0A==',
};

/** The package that holds the program for this kind of machine, or null where the sandbox does not run. */
export function platformPackage(machine: { platform: string; arch: string }): string | null {
  const name = `${CLAUDE_CODE_PACKAGE}-${machine.platform}-${machine.arch}`;
  return Object.hasOwn(CLAUDE_CODE_INTEGRITY, name) ? name : null;
}
