import { isDeepStrictEqual } from 'node:util';
import { type Connector, type Operation, OperationMatcher } from '@aileron/connectors';

/** The connectors of one signed bundle, indexed. */
export class ConnectorsInForce {
  readonly matcher: OperationMatcher;

  constructor(
    readonly version: number,
    readonly connectors: readonly Connector[],
  ) {
    this.matcher = new OperationMatcher(connectors);
  }

  /** Whether this very connector is still in force. */
  has({ name, digest }: Pick<Connector, 'name' | 'digest'>): boolean {
    return this.connectors.some((connector) => connector.name === name && connector.digest === digest);
  }

  /** Whether this very operation is still in force: its connector may have changed around it. */
  holds({ connector, operation }: { connector: Connector; operation: Operation }): boolean {
    const present = this.connectors.find(({ name }) => name === connector.name);
    if (present === undefined || present.digest === connector.digest) return present !== undefined;
    const same = present.operations.find(({ name }) => name === operation.name);
    const [now, then] = [present, connector].map(({ hosts, credential }) => ({ hosts, credential }));
    return isDeepStrictEqual(same, operation) && isDeepStrictEqual(now, then);
  }
}
