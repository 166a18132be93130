import { Module } from '@nestjs/common';
import { CartModule } from '../cart/index.js';
import { CatalogModule } from '../catalog/index.js';
import { CustomersModule } from '../customers/index.js';
import { DiscountsModule } from '../discounts/index.js';
import { InventoryModule } from '../inventory/index.js';
import { CheckoutController } from './checkout.controller.js';
import { CompleteCheckoutController } from './complete-checkout.controller.js';
import { AdminOrdersController } from './orders/admin-orders.controller.js';
import { OrdersController } from './orders/orders.controller.js';
import { OrdersRepository } from './orders/orders.repository.js';
import { ReadOrders } from './orders/read-orders.js';
import { AttemptsRepository } from './payments/attempts.repository.js';
import { PaymentProviders } from './payments/payment-providers.js';
import { TestProviderRepository } from './payments/test-provider.repository.js';
import { BeginAttempt } from './placing/begin-attempt.js';
import { CapturePayment } from './placing/capture-payment.js';
import { CompleteCheckout } from './placing/complete-checkout.js';
import { EndAttempt } from './placing/end-attempt.js';
import { OrderPlacedEvents } from './placing/order-placed.events.js';
import { PayAttempt } from './placing/pay-attempt.js';
import { PaymentEndedEvents } from './placing/payment-ended.events.js';
import { PlaceBatch } from './placing/place-batch.js';
import { PlaceOrder } from './placing/place-order.js';
import { PrepareCheckout } from './placing/prepare-checkout.js';
import { RecoveryJob } from './placing/recovery.job.js';
import { Reprice } from './placing/reprice.js';
import { SettleAttempt } from './placing/settle-attempt.js';
import { VoidPayment } from './placing/void-payment.js';
import { WriteOrders } from './placing/write-orders.js';
import { CancelCheckout } from './session/cancel-checkout.js';
import { ChangeCheckout } from './session/change-checkout.js';
import { CheckoutSessionStore } from './session/checkout-session.store.js';
import { CheckoutSessionCopies } from './session/checkout-session-copies.store.js';
import { CheckoutSessionsRepository } from './session/checkout-sessions.repository.js';
import { HoldCart } from './session/hold-cart.js';
import { OpenCheckout } from './session/open-checkout.js';
import { OrderableCart } from './session/orderable-cart.js';
import { PurgeCheckoutsJob } from './session/purge-checkouts.job.js';
import { QuoteCheckout } from './session/quote-checkout.js';
import { ReadCheckout } from './session/read-checkout.js';
import { SupersedeCheckout } from './session/supersede-checkout.js';

const session = [
  CheckoutSessionsRepository,
  CheckoutSessionCopies,
  CheckoutSessionStore,
  QuoteCheckout,
  OrderableCart,
  HoldCart,
  OpenCheckout,
  ReadCheckout,
  ChangeCheckout,
  CancelCheckout,
  SupersedeCheckout,
  PurgeCheckoutsJob,
];
const payments = [AttemptsRepository, TestProviderRepository, PaymentProviders];
const placing = [
  CompleteCheckout,
  PrepareCheckout,
  BeginAttempt,
  PayAttempt,
  SettleAttempt,
  PlaceOrder,
  PlaceBatch,
  Reprice,
  WriteOrders,
  EndAttempt,
  VoidPayment,
  CapturePayment,
  OrderPlacedEvents,
  PaymentEndedEvents,
  RecoveryJob,
];

/** From a cart to a paid order: sessions, quotes, payments, placing, orders, recovery. Operational layer. */
@Module({
  imports: [CatalogModule, DiscountsModule, InventoryModule, CustomersModule, CartModule],
  controllers: [CheckoutController, CompleteCheckoutController, OrdersController, AdminOrdersController],
  providers: [...session, ...payments, ...placing, OrdersRepository, ReadOrders],
  exports: [RecoveryJob],
})
export class CheckoutModule {}
