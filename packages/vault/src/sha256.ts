import { toBase64Url } from './base64.js';
import { subtle } from './web-crypto.js';

export async function sha256(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}

/** The form of every digest in our JSON: base64url without padding, 43 characters. */
export async function sha256Base64Url(bytes: Uint8Array): Promise<string> {
  return toBase64Url(await sha256(bytes));
}
