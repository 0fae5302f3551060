import { setFlagsFromString } from 'node:v8';
import { runStandalone } from '@aileron/service-host';
import { workspaceTerminal } from './service.js';

// Output goes through many buffers: V8 would otherwise collect everything each 64 MB of them, which costs more than to carry them.
setFlagsFromString('--external-memory-accounted-in-global-limit');

process.exitCode = await runStandalone(workspaceTerminal);
