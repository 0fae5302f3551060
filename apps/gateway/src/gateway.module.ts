import { type Platform } from '@aileron/service-host';
import { type DynamicModule, Inject, Injectable, Module, type OnModuleDestroy } from '@nestjs/common';
import { type GatewayConfig } from './config.js';
import { GatewayServer } from './gateway.server.js';

/** Stops the server with its context. */
@Injectable()
class GatewayLife implements OnModuleDestroy {
  constructor(@Inject(GatewayServer) private readonly server: GatewayServer) {}

  async onModuleDestroy(): Promise<void> {
    await this.server.close();
  }
}

@Module({})
export class GatewayModule {
  static with({ config, platform }: { config: GatewayConfig; platform: Platform }): DynamicModule {
    const useFactory = () => GatewayServer.start(config, platform);
    return { module: GatewayModule, providers: [{ provide: GatewayServer, useFactory }, GatewayLife] };
  }
}
