import { malformed } from './malformed.js';

const ESCAPE = /%([0-9A-Fa-f]{2})?/g;
const UNRESERVED = /[A-Za-z0-9\-._~]/;

/**
 * RFC 3986 6.2.2: escapes in upper case, escaped unreserved characters written plainly.
 * @throws AileronError REQUEST_MALFORMED for `%` without two hex digits and for escapes that are not UTF-8
 */
export function normaliseEscapes(text: string): string {
  const normal = text.replaceAll(ESCAPE, (_, digits: string | undefined) => {
    if (digits === undefined) throw malformed('percent escape');
    const character = String.fromCharCode(Number.parseInt(digits, 16));
    return UNRESERVED.test(character) ? character : `%${digits.toUpperCase()}`;
  });
  decodeEscapes(normal);
  return normal;
}

/** @throws AileronError REQUEST_MALFORMED for escapes that are not UTF-8: overlong forms and surrogates too. */
export function decodeEscapes(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed('percent escape');
  }
}
