/** WebCrypto of the runtime: the same in browsers and Node. */
export const subtle = globalThis.crypto.subtle;

/** A key handle of WebCrypto. The name `CryptoKey` is a type only where the DOM library is loaded. */
export type WebCryptoKey = InstanceType<typeof globalThis.CryptoKey>;

/** Fills `length` bytes from the runtime's cryptographic generator. */
export function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  return globalThis.crypto.getRandomValues(new Uint8Array(length));
}
