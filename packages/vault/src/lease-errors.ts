import { AileronError } from '@aileron/errors';

/** LEASE_INVALID with the check that failed. */
export const invalidLease = (reason: string) => new AileronError('LEASE_INVALID', { reason });
