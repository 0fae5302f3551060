import type { DescMethod } from '@bufbuild/protobuf';
import type { Logger, Metrics } from '@aileron/telemetry';
import { toAileronError } from './wire-error.js';

/** Seconds: calls between parts take microseconds to a few hundred milliseconds. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** How often, how long and how the calls of one part's methods end. */
export class CallMeter {
  readonly #seconds;
  readonly #failures;

  constructor(
    metrics: Metrics,
    private readonly logger: Logger,
  ) {
    this.#seconds = metrics.histogram({
      name: 'aileron_grpc_call_seconds',
      help: 'How long a method of this part took, whatever its end.',
      labels: ['method'],
      buckets: BUCKETS,
    });
    this.#failures = metrics.counter({
      name: 'aileron_grpc_failures_total',
      help: 'Calls that a method of this part answered with an error, by its code.',
      labels: ['method', 'code'],
    });
  }

  /** Of one method. */
  of(method: DescMethod): MethodMeter {
    const rpc = `${method.parent.typeName}/${method.name}`;
    const seconds = this.#seconds.labels({ method: rpc });
    return {
      ended: (ms) => {
        seconds.observe(ms / 1_000);
        this.logger.debug({ rpc, ms }, 'call.ended');
      },
      failed: (error) => this.#failures.inc({ method: rpc, code: toAileronError(error).code }),
    };
  }
}

export interface MethodMeter {
  /** Whatever its end. */
  ended(ms: number): void;
  failed(error: unknown): void;
}
