import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/index.js';
import { CustomersModule } from '../customers/index.js';
import { DiscountsModule } from '../discounts/index.js';
import { InventoryModule } from '../inventory/index.js';
import { AvailabilityController } from './availability.controller.js';
import { CartService } from './cart.service.js';
import { CartStore } from './cart.store.js';
import { CartHolds } from './cart-holds.service.js';
import { CartLinesController } from './cart-lines.controller.js';
import { CartPricing } from './cart-pricing.service.js';
import { CartWriter } from './cart-writer.js';
import { CartsController } from './carts.controller.js';
import { CartsRepository } from './carts.repository.js';
import { CustomerCartController } from './customer-cart.controller.js';
import { CustomerCartStore } from './customer-cart.store.js';
import { CustomerCarts } from './customer-carts.js';
import { EditCart } from './edit-cart.service.js';
import { MergeCarts } from './merge-carts.service.js';
import { PurgeCartsJob } from './purge-carts.job.js';

/** Carts of guests and customers. Needs PlatformModule and CacheModule. */
@Module({
  imports: [CatalogModule, CustomersModule, DiscountsModule, InventoryModule],
  controllers: [CartsController, CartLinesController, CustomerCartController, AvailabilityController],
  providers: [
    CartHolds,
    CartPricing,
    CartService,
    CartStore,
    CartWriter,
    CartsRepository,
    CustomerCartStore,
    CustomerCarts,
    EditCart,
    MergeCarts,
    PurgeCartsJob,
  ],
  exports: [CartService],
})
export class CartModule {}
