import type { HeaderField } from '../parse/canonical-request.js';
import { isHopByHop } from '../parse/header-names.js';
import { connectionOptions } from '../parse/request-message.js';

/** Would make the agent leave by another way, report elsewhere, or change what it trusts. */
const STEERING = new Set([
  'alt-svc',
  'clear-site-data',
  'expect-ct',
  'nel',
  'public-key-pins',
  'public-key-pins-report-only',
  'report-to',
  'reporting-endpoints',
  'strict-transport-security',
]);
/** A session that the injected credential opened would outlive this request and its policy. */
const COOKIES = new Set(['set-cookie', 'set-cookie2']);
/** Say something of the coded bytes, which the agent does not get. */
const OF_CODED_BODY = new Set([
  'accept-ranges',
  'content-digest',
  'content-encoding',
  'content-length',
  'content-md5',
  'digest',
  'etag',
  'repr-digest',
]);

export interface AgentHeaderRules {
  /** Whether the body was decoded on its way. */
  readonly decoded: boolean;
  /** `strip` for every connector that does not say otherwise. */
  readonly cookies: 'strip' | 'pass';
}

/** The fields of an upstream's answer that the agent sees. */
export function agentHeaders(headers: readonly HeaderField[], rules: AgentHeaderRules): readonly HeaderField[] {
  const listed = connectionOptions(headers);
  return headers.filter(([name]) => {
    if (isHopByHop(name) || STEERING.has(name)) return false;
    if (listed.has(name) && name !== 'content-length' && name !== 'content-type') return false;
    if (rules.decoded && OF_CODED_BODY.has(name)) return false;
    return rules.cookies === 'pass' || !COOKIES.has(name);
  });
}
