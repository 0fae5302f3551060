import { runStandalone } from '@aileron/service-host';
import { credentialService } from './service.js';

process.exitCode = await runStandalone(credentialService);
