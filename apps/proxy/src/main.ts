import { runStandalone } from '@aileron/service-host';
import { proxy } from './service.js';

process.exitCode = await runStandalone(proxy);
