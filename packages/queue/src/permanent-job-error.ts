/** Thrown by a handler: trying again is useless, the job is dead. The message is stored with it: no secret in it. */
export class PermanentJobError extends Error {
  override readonly name = 'PermanentJobError';
}
