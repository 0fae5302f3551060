import type { BodyReader } from './body-reader.js';

/** A header field: lower-case name, value without surrounding white space. Values are latin1 text, one byte a character. */
export type HeaderField = readonly [name: string, value: string];

/**
 * The head of one request after strict parsing: what is matched is what is sent, there is no second spelling. The shape
 * is assignable to `Omit<CanonicalRequest, 'body'>` of @aileron/connectors.
 */
export interface RequestHead {
  /** Upper-case token; never CONNECT, TRACE or TRACK. */
  readonly method: string;
  /** CONNECT = SNI = Host = URI, canonical: lower case, no trailing dot, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Canonical: begins with `/`, no dot or empty inner segments, escapes upper-case and only where needed. */
  readonly path: string;
  /** Decoded pairs in their order, duplicates kept. `+` was taken as a space. */
  readonly query: readonly (readonly [key: string, value: string])[];
  /** Canonical origin-form: `path` and, when there is a query, `?` and its canonical text. This is sent upstream. */
  readonly target: string;
  /**
   * End-to-end fields in their order. Host, Content-Length, framing, hop-by-hop (and what Connection listed), Expect,
   * Upgrade, Forwarded, X-Forwarded-*, method and URL overrides are gone. The agent's own Authorization, Cookie and the
   * like are still here: `screenAgentCredentials` in inject/ takes them.
   */
  readonly headers: readonly HeaderField[];
}

export type { BodyReader };
