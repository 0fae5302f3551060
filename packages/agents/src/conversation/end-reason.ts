import { AileronError } from '@aileron/errors';
import type { ProcessEnd } from '../process/agent-process.js';

const STDERR_CHARACTERS = 500;

/** Why a process is gone, for a person. */
export function endReason({ exit, launchError, stderr }: ProcessEnd): string {
  if (exit === null) {
    const why = launchError instanceof AileronError ? (launchError.details['reason'] ?? launchError.message) : null;
    return `The agent could not be started.${typeof why === 'string' ? ` ${why}` : ''}`;
  }
  const how = exit.signal === null ? `with code ${exit.code ?? 'unknown'}` : `by ${exit.signal}`;
  const said = stderr === '' ? '' : ` It said: ${stderr.slice(-STDERR_CHARACTERS)}`;
  return `The agent’s process ended ${how}.${said}`;
}
