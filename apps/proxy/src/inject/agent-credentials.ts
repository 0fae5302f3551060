import { AileronError } from '@aileron/errors';
import type { HeaderField, RequestHead } from '../parse/canonical-request.js';
import { spelling } from '../parse/header-names.js';

export interface CredentialRule {
  /** The shape-valid stand-in that the agent holds. */
  readonly placeholder: string;
  /** Where the connector puts its credential, lower case, for example `authorization`. */
  readonly header: string;
}

/** Fields that carry a credential wherever they appear. */
const CREDENTIAL_FIELDS = new Set([
  'api-key',
  'apikey',
  'authorization',
  'authentication',
  'private-token',
  'proxy-authorization',
  'x-access-token',
  'x-amz-security-token',
  'x-api-key',
  'x-apikey',
  'x-api-token',
  'x-auth-key',
  'x-auth-token',
  'x-authorization',
  'x-goog-api-key',
  'x-token',
]);
/** Of use to upstream sessions that were made with some other credential: removed without a word. */
const COOKIE_FIELDS = new Set(['cookie', 'cookie2']);
const CREDENTIAL_PARAMETERS = new Set([
  'access-token',
  'api-key',
  'apikey',
  'auth-token',
  'authorization',
  'x-api-key',
]);
/** A secret in two halves would pass the scrubber: nothing is asked for in parts. And encodings hide it. */
const HIDING_FIELDS = new Set(['range', 'if-range', 'accept-encoding', 'a-im']);
const SCHEME = /^(?:bearer|basic|token|apikey|key)\s+/i;

/**
 * The headers of a request to an owned host without anything that identifies: the agent's Authorization, API keys and
 * cookies in every spelling (case, `_` for `-`, marks at the end), and what would let a secret come back unseen.
 * @throws AileronError CREDENTIAL_SMUGGLED when one of them holds something else than the placeholder: a key that the
 * agent found somewhere must not be used, and should be known of
 */
export function screenAgentCredentials(head: RequestHead, rule: CredentialRule): readonly HeaderField[] {
  for (const [key] of head.query) {
    if (CREDENTIAL_PARAMETERS.has(normalName(key))) throw smuggled('query');
  }
  const own = normalName(rule.header);
  return head.headers.filter(([name, value]) => {
    const normal = normalName(name);
    if (COOKIE_FIELDS.has(normal) || HIDING_FIELDS.has(normal)) return false;
    if (normal !== own && !CREDENTIAL_FIELDS.has(normal)) return true;
    if (!isPlaceholder(value, rule.placeholder)) throw smuggled('header');
    return false;
  });
}

const ENDS = /^[a-z0-9](?:.*[a-z0-9])?$/s;

/** Lower case, `-` for `_`, no punctuation at the ends. */
function normalName(name: string): string {
  const spelt = spelling(name.toLowerCase());
  return ENDS.test(spelt) ? spelt : spelt.replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
}

function isPlaceholder(value: string, placeholder: string): boolean {
  const bare = value.replace(SCHEME, '');
  if (bare === '' || bare === placeholder) return true;
  if (!/^basic\s/i.test(value)) return false;
  const [, user, password] = /^([^:]*):([^]*)$/.exec(Buffer.from(bare, 'base64').toString('latin1')) ?? [];
  return password === placeholder || (user === placeholder && (password === '' || password === 'x-oauth-basic'));
}

const smuggled = (place: string): AileronError => new AileronError('CREDENTIAL_SMUGGLED', { place });
