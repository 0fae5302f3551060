/** What one thing costs alone, warm, in this process: no sockets but where it says so. */
export interface MicroFigure {
  readonly name: string;
  readonly count: number;
  /** µs each. */
  readonly p50: number;
  readonly p99: number;
  /** One after another, or as many at once as the name says. */
  readonly perSecond: number;
}
