import { runStandalone } from '@aileron/service-host';
import { workspaceRuntime } from './service.js';

process.exitCode = await runStandalone(workspaceRuntime);
