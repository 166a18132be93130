import { Module } from '@nestjs/common';
import { CacheModule } from './cache/index.js';
import { CartModule } from './cart/index.js';
import { CatalogModule } from './catalog/index.js';
import { CheckoutModule } from './checkout/index.js';
import { CustomersModule } from './customers/index.js';
import { DiscountsModule } from './discounts/index.js';
import { InventoryModule } from './inventory/index.js';
import { OpsModule } from './ops/index.js';

/** The features of the shop, in the order of the import law. */
@Module({
  imports: [
    CacheModule.forRoot(),
    CatalogModule,
    DiscountsModule,
    InventoryModule,
    CustomersModule,
    CartModule,
    CheckoutModule,
    OpsModule,
  ],
})
export class AppModule {}
