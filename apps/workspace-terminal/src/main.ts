import { runStandalone } from '@aileron/service-host';
import { workspaceTerminal } from './service.js';

process.exitCode = await runStandalone(workspaceTerminal);
