import { RequireLocalToken } from '@aileron/auth';
import { Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { BundlesService } from './bundles.service.js';

@Controller('v1/policy')
export class PolicyHttp {
  constructor(@Inject(BundlesService) private readonly bundles: BundlesService) {}

  @Post('reload')
  @HttpCode(200)
  @RequireLocalToken()
  async reload(): Promise<{ policyVersion: number }> {
    return { policyVersion: (await this.bundles.reloadPolicy()).version };
  }
}
