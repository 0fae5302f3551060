import { type Connector, OperationMatcher } from '@aileron/connectors';

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
}
