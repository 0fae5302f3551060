export { exportTraces } from './export-traces.js';
export { createLogger, type Logger, type LoggerOptions, type LogLevel } from './logger.js';
export { createMetrics, LABELS, mergeExpositions, Metrics, type Label } from './metrics.js';
export { redactText } from './redact.js';
export { currentContext, runWithContext, type RequestContext } from './request-context.js';
export { injectTraceparent, isTracing, startTracing, withSpan, withTraceparent } from './tracing.js';
