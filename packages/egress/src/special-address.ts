import { formatIpv4, isWithin, parseAddress, type AddressBytes } from './ip-address.js';

/** What an address is for. Only `public` is dialled; what an administrator declares may also be one of DECLARABLE. */
export type AddressKind =
  | 'public'
  | 'private'
  | 'loopback'
  | 'shared'
  | 'link-local'
  | 'metadata'
  | 'unspecified'
  | 'multicast'
  | 'reserved'
  | 'documentation'
  | 'benchmarking'
  | 'translation'
  | 'invalid';

export interface AddressClass {
  readonly kind: AddressKind;
  /** The range that decided, for example 10.0.0.0/8; null when none did. */
  readonly range: string | null;
}

interface Range {
  readonly kind: AddressKind;
  readonly network: AddressBytes;
  readonly prefix: number;
  readonly range: string;
  /** Where an IPv4 address lies inside: it is judged again. */
  readonly embeddedAt: number | undefined;
  /** Teredo writes the client's address inverted, RFC 4380 section 4. */
  readonly inverted: boolean;
}

type RangeText = readonly [range: string, kind: AddressKind, embeddedAt?: number, inverted?: boolean];

/**
 * IANA's special-purpose registries (RFC 6890 and updates), multicast, the address of Azure's host agent, and every
 * form that embeds an IPv4 address. The more special comes first.
 */
const RANGES: readonly Range[] = (
  [
    ['169.254.169.254/32', 'metadata'],
    ['169.254.170.2/32', 'metadata'],
    ['100.100.100.200/32', 'metadata'],
    ['168.63.129.16/32', 'metadata'],
    ['192.0.0.192/32', 'metadata'],
    ['fd00:ec2::254/128', 'metadata'],
    ['fd20:ce::254/128', 'metadata'],
    ['0.0.0.0/8', 'unspecified'],
    ['10.0.0.0/8', 'private'],
    ['100.64.0.0/10', 'shared'],
    ['127.0.0.0/8', 'loopback'],
    ['169.254.0.0/16', 'link-local'],
    ['172.16.0.0/12', 'private'],
    ['192.0.0.0/24', 'reserved'],
    ['192.0.2.0/24', 'documentation'],
    ['192.88.99.0/24', 'translation'],
    ['192.168.0.0/16', 'private'],
    ['198.18.0.0/15', 'benchmarking'],
    ['198.51.100.0/24', 'documentation'],
    ['203.0.113.0/24', 'documentation'],
    ['224.0.0.0/4', 'multicast'],
    ['240.0.0.0/4', 'reserved'],
    ['::/128', 'unspecified'],
    ['::1/128', 'loopback'],
    ['::/96', 'translation', 12],
    ['::ffff:0:0/96', 'translation', 12],
    ['64:ff9b::/96', 'translation', 12],
    ['64:ff9b:1::/48', 'translation', 12],
    ['100::/64', 'reserved'],
    ['100:0:0:1::/64', 'reserved'],
    ['2001::/32', 'translation', 12, true],
    ['2001::/23', 'reserved'],
    ['2001:db8::/32', 'documentation'],
    ['2002::/16', 'translation', 2],
    ['3fff::/20', 'documentation'],
    ['5f00::/16', 'reserved'],
    ['fc00::/7', 'private'],
    ['fe80::/10', 'link-local'],
    ['fec0::/10', 'private'],
    ['ff00::/8', 'multicast'],
  ] satisfies readonly RangeText[]
).map(parseRange);

function parseRange([range, kind, embeddedAt, inverted = false]: RangeText): Range {
  const [text = '', prefix = ''] = range.split('/');
  const network = parseAddress(text);
  if (network === undefined) throw new TypeError(`not a network: ${range}`);
  return { kind, network, prefix: Number(prefix), range, embeddedAt, inverted };
}

/** What an address is. Text that is not an address in its plain notation is `invalid`. */
export function classifyAddress(address: string): AddressClass {
  const bytes = parseAddress(address);
  return bytes === undefined ? { kind: 'invalid', range: null } : classify(bytes);
}

function classify(bytes: AddressBytes): AddressClass {
  const found = RANGES.find(({ network, prefix }) => isWithin(bytes, network, prefix));
  if (found === undefined) return { kind: 'public', range: null };
  const { kind, range, embeddedAt, inverted } = found;
  if (embeddedAt === undefined) return { kind, range };
  const inner = bytes.slice(embeddedAt, embeddedAt + 4).map((byte) => (inverted ? ~byte : byte));
  const embedded = classifyAddress(formatIpv4(inner));
  return embedded.kind === 'public' ? { kind, range } : embedded;
}

/**
 * Whether an address is anything but a public unicast host. A form that embeds an IPv4 address is special even when that
 * address is public: no public service is reached by it.
 */
export const isSpecialAddress = (address: string): boolean => classifyAddress(address).kind !== 'public';

const DECLARABLE: ReadonlySet<AddressKind> = new Set(['public', 'private', 'loopback', 'shared']);

/** Whether an administrator's declaration can open it: an internal host can be; metadata, multicast and such cannot. */
export const isDeclarableAddress = (address: string): boolean => DECLARABLE.has(classifyAddress(address).kind);
