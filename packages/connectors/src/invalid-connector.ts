import { AileronError } from '@aileron/errors';

export function invalidConnector(connector: string, place: string, reason: string, cause?: unknown): AileronError {
  return new AileronError(
    'CONNECTOR_INVALID',
    { connector: connector.slice(0, 64), place: place.slice(0, 300), reason },
    { cause },
  );
}
