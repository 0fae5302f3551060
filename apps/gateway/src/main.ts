import { runStandalone } from '@aileron/service-host';
import { gateway } from './service.js';

process.exitCode = await runStandalone(gateway);
