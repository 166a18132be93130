import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/index.js';
import { CustomersModule } from '../customers/index.js';
import { DiscountsModule } from '../discounts/index.js';
import { InventoryModule } from '../inventory/index.js';
import { CartService } from './cart.service.js';
import { CartPricing } from './cart-pricing.service.js';
import { CartHolds } from './changes/cart-holds.service.js';
import { CartWriter } from './changes/cart-writer.js';
import { CustomerCarts } from './changes/customer-carts.js';
import { EditCart } from './changes/edit-cart.service.js';
import { MergeCarts } from './changes/merge-carts.service.js';
import { CartStore } from './documents/cart.store.js';
import { CartsRepository } from './documents/carts.repository.js';
import { CustomerCartStore } from './documents/customer-cart.store.js';
import { PurgeCartsJob } from './documents/purge-carts.job.js';
import { AvailabilityController } from './http/availability.controller.js';
import { CartLinesController } from './http/cart-lines.controller.js';
import { CartsController } from './http/carts.controller.js';
import { CustomerCartController } from './http/customer-cart.controller.js';

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
