import { AileronError } from '@aileron/errors';

const LONGEST = 300;

/** CONNECTOR_INVALID: where in which connector, and what is wrong there. */
export function invalidConnector(connector: string, place: string, reason: string, cause?: unknown): AileronError {
  const details = {
    connector: connector.slice(0, 64),
    place: place.slice(0, LONGEST),
    reason: reason.slice(0, LONGEST),
  };
  return new AileronError('CONNECTOR_INVALID', details, { cause });
}
