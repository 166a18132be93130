import { Module } from '@nestjs/common';
import { OpsModule } from './ops/index.js';

/** The features of the shop, in the order of the import law. */
@Module({ imports: [OpsModule] })
export class AppModule {}
