import type { Logger } from '@aileron/telemetry';

/**
 * Resolves at SIGTERM, SIGINT or SIGHUP; what is being started then is first whole, then ended. A second one ends the process
 * at once: somebody is in a hurry.
 */
export function untilToldToStop(logger: Logger): Promise<void> {
  return new Promise((resolve) => {
    let told = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (told) process.exit(130);
      told = true;
      logger.info({ signal }, 'service.stopping');
      resolve();
    };
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
  });
}
