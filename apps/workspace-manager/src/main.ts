import { runStandalone } from '@aileron/service-host';
import { workspaceManager } from './service.js';

process.exitCode = await runStandalone(workspaceManager);
