/**
 * AES-256-GCM of a runtime that opens at once, where WebCrypto takes a turn through another thread. Whoever injects one
 * vouches that it checks the whole 16-byte tag, which stands at the end of the ciphertext, and that a key leaves it no more
 * than it does WebCrypto.
 */
export interface BoxCipher {
  /** Copies 32 bytes; they are overwritten afterwards. */
  importKey(bytes: Uint8Array): BoxKey;
}

export interface BoxKey {
  /** The plaintext, in an array of its own; null when it was not sealed with this key, nonce and data. */
  open(input: {
    readonly iv: Uint8Array;
    readonly additionalData: Uint8Array;
    readonly ciphertext: Uint8Array;
  }): Uint8Array | null;
}
