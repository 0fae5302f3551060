import { type DynamicModule, Module } from '@nestjs/common';
import { CONFIG, type WorkspaceTerminalConfig } from './config.js';
import { TerminalsGrpc } from './terminals.grpc.js';
import { TerminalsService } from './terminals.service.js';

@Module({})
export class WorkspaceTerminalModule {
  static with(config: WorkspaceTerminalConfig): DynamicModule {
    return {
      module: WorkspaceTerminalModule,
      providers: [{ provide: CONFIG, useValue: config }, TerminalsService, TerminalsGrpc],
    };
  }
}
