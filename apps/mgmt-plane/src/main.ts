import { loadConfig, secret } from '@aileron/config';
import { runServices } from '@aileron/service-host';
import { createLogger, createMetrics } from '@aileron/telemetry';
import { z } from 'zod';
import { mgmtPlane } from './service.js';

// The whole configuration is one JSON value, usually in the file that AILERON_MGMT_CONFIG_FILE names: it holds secrets.
const { AILERON_MGMT_CONFIG: text } = loadConfig(z.object({ AILERON_MGMT_CONFIG: secret() }));
const config = mgmtPlane.config.parse(JSON.parse(text.exposeString()));
const [logger, metrics] = [createLogger({ service: mgmtPlane.name }), createMetrics(mgmtPlane.name)];
const toRun = [{ definition: mgmtPlane, config }] as never;
const running = await runServices(toRun, { platform: () => ({ logger, metrics, clock: Date }) });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void running.close());
