import { runStandalone } from '@aileron/service-host';
import { mgmtPlane } from './service.js';

process.exitCode = await runStandalone(mgmtPlane);
