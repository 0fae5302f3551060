import { type ResponseWriter } from './exchange.js';

/** The same answer, whose end is left to somebody else: its last record is written before the agent sees it whole. */
export function withoutEnd(response: ResponseWriter): ResponseWriter {
  return {
    get headWritten() {
      return response.headWritten;
    },
    get bodyBytes() {
      return response.bodyBytes;
    },
    writeHead: (...head) => response.writeHead(...head),
    write: (chunk) => response.write(chunk),
    end: async () => undefined,
    problem: (...problem) => response.problem(...problem),
    abort: () => response.abort(),
  };
}
