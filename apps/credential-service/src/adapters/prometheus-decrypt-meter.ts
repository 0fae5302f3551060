import { type Metrics } from '@aileron/telemetry';
import { type DecryptMeter } from '../ports/decrypt-meter.port.js';

export class PrometheusDecryptMeter implements DecryptMeter {
  readonly #decrypts;
  readonly #ok;
  readonly #leases;

  constructor(metrics: Metrics) {
    this.#decrypts = metrics.counter({
      name: 'aileron_credential_decrypts_total',
      help: 'Credentials asked for, by outcome: ok or an error code.',
      labels: ['code'],
    });
    this.#ok = this.#decrypts.labels({ code: 'ok' });
    this.#leases = metrics.gauge({ name: 'aileron_credential_leases', help: 'Sessions whose keys are in memory.' });
  }

  decrypted(outcome: string): void {
    if (outcome === 'ok') this.#ok.inc();
    else this.#decrypts.inc({ code: outcome });
  }

  leases(inMemory: number): void {
    this.#leases.set(inMemory);
  }
}
