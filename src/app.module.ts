import { type DynamicModule, Module } from '@nestjs/common';
import type { Config } from './platform/config.js';
import { PlatformModule, type PlatformParts } from './platform/platform.module.js';

/** The shop: every module, in the order of the import law. */
@Module({})
export class AppModule {
  static forRoot(config: Config, parts: PlatformParts): DynamicModule {
    return { module: AppModule, imports: [PlatformModule.forRoot(config, parts)] };
  }
}
