import { userInfo } from 'node:os';
import { LOCAL_USER_ID } from '@aileron/contracts/rest';

/** The person at this machine: with login off there is one. */
export function localUser(): { userId: string; name: string } {
  return { userId: LOCAL_USER_ID, name: userInfo().username };
}
