import { Http1Connection } from './http1-connection.js';
import type { Opening } from './job.js';
import { hostOf, requestBytes } from './request-bytes.js';

/** The connections of one opening, and the request that each of them sends. */
export class OpenConnections {
  private constructor(
    readonly all: readonly Http1Connection[],
    readonly bytes: Buffer,
  ) {}

  static async open({ dial, kind, connections }: Opening): Promise<OpenConnections> {
    const bytes = requestBytes(kind, dial);
    const all: Http1Connection[] = [];
    for (let i = 0; i < connections; i++) {
      const connection = await Http1Connection.open(dial, hostOf(kind));
      all.push(connection);
      await connection.send({ bytes });
    }
    return new OpenConnections(all, bytes);
  }

  close(): void {
    for (const connection of this.all) connection.close();
  }
}
