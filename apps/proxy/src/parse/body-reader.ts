/**
 * The body of one request. Nothing of it is read, and `100 Continue` is not answered, before the first `readAll` or
 * `stream`. It can be read once.
 */
export interface BodyReader {
  /** Content-Length; 0 when there is no body; null when chunked. */
  readonly declaredLength: number | null;
  /** Whether all of it was read. */
  readonly finished: boolean;
  /**
   * The whole body, at once when it has come already. @throws AileronError BODY_NOT_INSPECTABLE when it is longer than the limit (at once when its
   * Content-Length says so), REQUEST_MALFORMED for broken framing, CANCELLED when the agent went away.
   * `onPiece` sees each piece of a long body as it comes; of a short one, nothing.
   */
  readAll(limitBytes: number, signal: AbortSignal, onPiece?: (piece: Buffer) => void): Buffer | Promise<Buffer>;
  /** Of what `readAll` gave, where it was hashed as it came; null: it was not. */
  readonly sha256: Uint8Array | null;
  /** The chunks as they come; the agent is slowed down when nobody pulls. Throws as `readAll` does. */
  stream(): AsyncIterable<Buffer>;
}
