const HEADER_BYTES = 8;
export const MOST_LOG_BYTES = 64 << 10;

/**
 * The text of one stream out of what the engine sends for both: frames of a stream's number, three zeros, a length.
 * https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
 */
export function textOfStream(frames: Buffer, stream: 'stdout' | 'stderr'): string {
  const wanted = stream === 'stdout' ? 1 : 2;
  const parts: Buffer[] = [];
  for (let at = 0; at + HEADER_BYTES <= frames.length;) {
    const end = at + HEADER_BYTES + frames.readUInt32BE(at + 4);
    if (frames[at] === wanted) parts.push(frames.subarray(at + HEADER_BYTES, end));
    at = end;
  }
  return lastLines(Buffer.concat(parts));
}

/** Whole lines, unless one alone is longer. */
function lastLines(text: Buffer): string {
  if (text.length <= MOST_LOG_BYTES) return text.toString('utf8');
  const tail = text.subarray(text.length - MOST_LOG_BYTES);
  return tail.subarray(tail.indexOf('\n') + 1).toString('utf8');
}
