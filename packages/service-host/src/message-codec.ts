import { toBinary, type DescMessage, type DescMethod, type Message } from '@bufbuild/protobuf';
import { AileronError } from '@aileron/errors';

/** As grpc-js has by default. */
export const LARGEST_MESSAGE_BYTES = 4 << 20;

/** Its messages carry plaintext. */
const SENSITIVE_SERVICE = 'aileron.credential.v1.DecryptService';

/**
 * The bytes of a message that its sender will not use again. Of a sensitive one the sender's byte fields are zeroed: the
 * receiver has its own copy, and is the only one left to zero it.
 * @throws AileronError PAYLOAD_TOO_LARGE
 */
export function encodeOnce(method: DescMethod, schema: DescMessage, message: Message): Buffer {
  const bytes = toBinary(schema, message);
  if (bytes.length > LARGEST_MESSAGE_BYTES) throw new AileronError('PAYLOAD_TOO_LARGE', { limitBytes: LARGEST_MESSAGE_BYTES });
  if (method.parent.typeName === SENSITIVE_SERVICE) {
    for (const value of Object.values(message)) if (value instanceof Uint8Array) value.fill(0);
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
