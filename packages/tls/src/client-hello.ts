import { ByteCursor } from './byte-cursor.js';

/** What a ClientHello says about where it wants to go. */
export type ClientHello =
  | { readonly status: 'incomplete' }
  | { readonly status: 'not-tls' }
  | { readonly status: 'invalid'; readonly reason: string }
  | {
      readonly status: 'ok';
      /** As sent: visible ASCII, not canonical. */
      readonly sni: string | null;
      readonly alpn: readonly string[];
      /** Encrypted ClientHello or its ancestor ESNI, GREASE included: the true name may be another. */
      readonly ech: boolean;
    };

/** Records with their headers. A ClientHello with post-quantum shares has about 2 KiB. */
export const MAX_CLIENT_HELLO_BYTES = 32_768;
const MAX_MESSAGE_BYTES = 16_384;
const MAX_RECORD_BYTES = 16_384;
const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const EXTENSION = { serverName: 0, alpn: 16, encryptedClientHello: 0xfe0d, encryptedServerName: 0xffce } as const;

const INCOMPLETE: ClientHello = { status: 'incomplete' };
const NOT_TLS: ClientHello = { status: 'not-tls' };
const invalid = (reason: string): ClientHello => ({ status: 'invalid', reason });

/**
 * Reads the ClientHello at the start of a connection (RFC 8446 4.1.2, RFC 6066 3) from the bytes received so far, in any
 * split and over any number of records. Nothing is consumed. Strict where two readers could see two names: one
 * server_name of one host_name, no extension twice, no bytes left over.
 */
export function parseClientHello(bytes: Uint8Array): ClientHello {
  const collected = collectMessage(bytes);
  if (!(collected instanceof Uint8Array)) return collected;
  try {
    return readMessage(new ByteCursor(collected));
  } catch (error) {
    if (error instanceof RangeError) return invalid(error.message);
    throw error;
  }
}

/** Joins the first handshake message out of its records. */
function collectMessage(bytes: Uint8Array): ClientHello | Uint8Array {
  const message = new Uint8Array(Math.min(bytes.length, MAX_MESSAGE_BYTES));
  let have = 0;
  for (let at = 0; at < bytes.length;) {
    if (bytes[at] !== HANDSHAKE_RECORD || (bytes[at + 1] ?? 3) !== 3)
      return at === 0 ? NOT_TLS : invalid('not a handshake record');
    if (at + 5 > bytes.length) break;
    const length = number(bytes, at + 3, 2);
    if (length === 0 || length > MAX_RECORD_BYTES) return invalid('record length');
    const body = bytes.subarray(at + 5, at + 5 + length);
    if (have + body.length > MAX_MESSAGE_BYTES) return invalid('too large');
    message.set(body, have);
    have += body.length;
    const needed = have >= 4 ? 4 + number(message, 1, 3) : MAX_MESSAGE_BYTES;
    if ((have > 0 && message[0] !== CLIENT_HELLO) || needed > MAX_MESSAGE_BYTES) return invalid('not a ClientHello');
    if (have >= needed)
      return have === needed && body.length === length ? message.subarray(4, have) : invalid('excess');
    at += 5 + length;
  }
  return bytes.length >= MAX_CLIENT_HELLO_BYTES ? invalid('too large') : INCOMPLETE;
}

function readMessage(hello: ByteCursor): ClientHello {
  hello.take(2 + 32);
  hello.vector(1);
  hello.vector(2);
  hello.vector(1);
  const seen = new Set<number>();
  let sni: string | null = null;
  let alpn: readonly string[] = [];
  if (!hello.done) {
    const extensions = hello.vector(2);
    hello.end();
    while (!extensions.done) {
      const type = extensions.number(2);
      const data = extensions.vector(2);
      if (seen.has(type)) return invalid('an extension twice');
      seen.add(type);
      if (type === EXTENSION.serverName) sni = readServerName(data);
      if (type === EXTENSION.alpn) alpn = readProtocols(data);
    }
  }
  const ech = seen.has(EXTENSION.encryptedClientHello) || seen.has(EXTENSION.encryptedServerName);
  return { status: 'ok', sni, alpn, ech };
}

function readServerName(data: ByteCursor): string {
  const list = data.vector(2);
  data.end();
  if (list.number(1) !== 0) throw new RangeError('a name that is not a host name');
  const name = list.vector(2).rest();
  list.end();
  if (name.length === 0 || name.length > 255) throw new RangeError('server name length');
  return visibleText(name);
}

function readProtocols(data: ByteCursor): readonly string[] {
  const list = data.vector(2);
  data.end();
  const protocols: string[] = [];
  while (!list.done) {
    const name = list.vector(1).rest();
    if (name.length === 0) throw new RangeError('an empty protocol name');
    protocols.push(String.fromCharCode(...name));
  }
  return protocols;
}

function visibleText(bytes: Uint8Array): string {
  if (bytes.some((byte) => byte < 0x21 || byte > 0x7e)) throw new RangeError('server name characters');
  return String.fromCharCode(...bytes);
}

function number(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = at; i < at + width; i++) value = value * 256 + (bytes[i] ?? 0);
  return value;
}
