import { randomUUID } from 'node:crypto';
import { type DynamicModule, Module } from '@nestjs/common';
import { BOOT_ID, CONFIG, type WorkspaceTerminalConfig } from './config.js';
import { TerminalsGrpc } from './terminals.grpc.js';
import { TerminalsStatus } from './terminals-status.js';
import { TerminalsService } from './terminals.service.js';

@Module({})
export class WorkspaceTerminalModule {
  static with(config: WorkspaceTerminalConfig): DynamicModule {
    return {
      module: WorkspaceTerminalModule,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: BOOT_ID, useValue: randomUUID() },
        TerminalsService,
        TerminalsStatus,
        TerminalsGrpc,
      ],
    };
  }
}
