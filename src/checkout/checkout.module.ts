import { Module } from '@nestjs/common';
import { CartModule } from '../cart/index.js';
import { CatalogModule } from '../catalog/index.js';
import { CustomersModule } from '../customers/index.js';
import { DiscountsModule } from '../discounts/index.js';
import { InventoryModule } from '../inventory/index.js';
import { CheckoutController } from './checkout.controller.js';
import { CompleteCheckoutController } from './complete-checkout.controller.js';
import { AdminOrdersController } from './orders/admin-orders.controller.js';
import { CancelOrder } from './orders/changes/cancel-order.js';
import { ChangeOrder } from './orders/changes/change-order.js';
import { FulfillOrder } from './orders/changes/fulfill-order.js';
import { OrderChangesController } from './orders/changes/order-changes.controller.js';
import { OrderChangesRepository } from './orders/changes/order-changes.repository.js';
import { RefundOrder } from './orders/changes/refund-order.js';
import { OrdersController } from './orders/orders.controller.js';
import { OrdersRepository } from './orders/orders.repository.js';
import { PurchaseLimit } from './orders/purchase-limit.js';
import { PurchasesRepository } from './orders/purchases.repository.js';
import { ReadOrders } from './orders/read-orders.js';
import { AttemptsRepository } from './payments/attempts.repository.js';
import { Authorizations } from './payments/authorizations.repository.js';
import { DisputesRepository } from './payments/captured/disputes.repository.js';
import { NoteSinceCapture } from './payments/captured/note-since-capture.js';
import { ManualProvider } from './payments/manual-provider.js';
import { PaymentMetrics } from './payments/payment-metrics.js';
import { PaymentProviders } from './payments/payment-providers.js';
import { PromisedHolds } from './payments/promised-holds.js';
import { PaymentRefunds } from './payments/refunds/payment-refunds.js';
import { RefundsRepository } from './payments/refunds/refunds.repository.js';
import { RetryRefundsJob } from './payments/refunds/retry-refunds.job.js';
import { AdminPaymentsController } from './payments/review/admin-payments.controller.js';
import { PaymentsRepository } from './payments/review/payments.repository.js';
import { ReadPayments } from './payments/review/read-payments.js';
import { ResolvePayment } from './payments/review/resolve-payment.js';
import { StripePaymentsRepository } from './payments/stripe/stripe-payments.repository.js';
import { TestProviderRepository } from './payments/test-provider/test-provider.repository.js';
import { PurgeWebhooksJob } from './payments/webhooks/purge-webhooks.job.js';
import { TakeWebhook } from './payments/webhooks/take-webhook.js';
import { WebhookController } from './payments/webhooks/webhook.controller.js';
import { WebhooksRepository } from './payments/webhooks/webhooks.repository.js';
import { AwaitCustomer } from './placing/await-customer.js';
import { BeginAlone } from './placing/begin-alone.js';
import { BeginAttempt } from './placing/begin-attempt.js';
import { BegunAttempts } from './placing/begun-attempts.repository.js';
import { CapturePayment } from './placing/capture-payment.js';
import { CapturesRepository } from './placing/captures.repository.js';
import { CompleteCheckout } from './placing/complete-checkout.js';
import { EndAttempt } from './placing/end-attempt.js';
import { FollowPayment } from './placing/follow-payment.js';
import { NoteCaptured } from './placing/note-captured.js';
import { NoteCapturedAlone } from './placing/note-captured-alone.js';
import { OrderPlacedEvents } from './placing/order-placed.events.js';
import { PayAttempt } from './placing/pay-attempt.js';
import { PaymentEndedEvents } from './placing/payment-ended.events.js';
import { PlaceBatch } from './placing/place-batch.js';
import { PlaceOrder } from './placing/place-order.js';
import { PrepareCheckout } from './placing/prepare-checkout.js';
import { RecoverAttempt } from './placing/recover-attempt.js';
import { RecoveryJob } from './placing/recovery.job.js';
import { Reprice } from './placing/reprice.js';
import { SettleAttempt } from './placing/settle-attempt.js';
import { TakeStock } from './placing/take-stock.js';
import { VoidPayment } from './placing/void-payment.js';
import { WriteOrders } from './placing/write-orders.js';
import { CancelCheckout } from './session/cancel-checkout.js';
import { ChangeCheckout } from './session/change-checkout.js';
import { CheckoutExpiredEvents } from './session/checkout-expired.events.js';
import { CheckoutSessionStore } from './session/checkout-session.store.js';
import { CheckoutSessionCopies } from './session/checkout-session-copies.store.js';
import { CheckoutSessionsRepository } from './session/checkout-sessions.repository.js';
import { EndedHolds } from './session/ended-holds.js';
import { ExpireCheckoutsJob } from './session/expire-checkouts.job.js';
import { ExpiredCheckoutsRepository } from './session/expired-checkouts.repository.js';
import { HoldCart } from './session/hold-cart.js';
import { OpenCheckout } from './session/open-checkout.js';
import { OrderableCart } from './session/orderable-cart.js';
import { PurgeCheckoutsJob } from './session/purge-checkouts.job.js';
import { QuoteCheckout } from './session/quote-checkout.js';
import { ReadCheckout } from './session/read-checkout.js';
import { RewriteMissedCopies } from './session/rewrite-missed-copies.js';
import { SessionWrites } from './session/session-writes.repository.js';
import { SupersedeCheckout } from './session/supersede-checkout.js';

const session = [
  CheckoutSessionsRepository,
  SessionWrites,
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
  RewriteMissedCopies,
  PurgeCheckoutsJob,
  EndedHolds,
  ExpireCheckoutsJob,
  ExpiredCheckoutsRepository,
  CheckoutExpiredEvents,
];
const payments = [
  AttemptsRepository,
  Authorizations,
  TestProviderRepository,
  ManualProvider,
  StripePaymentsRepository,
  PaymentProviders,
  PromisedHolds,
  WebhooksRepository,
  FollowPayment,
  TakeWebhook,
  PurgeWebhooksJob,
  DisputesRepository,
  NoteSinceCapture,
  RefundsRepository,
  PaymentRefunds,
  RetryRefundsJob,
  PaymentsRepository,
  ReadPayments,
  ResolvePayment,
  PaymentMetrics,
];
const placing = [
  CompleteCheckout,
  PrepareCheckout,
  BegunAttempts,
  BeginAlone,
  BeginAttempt,
  AwaitCustomer,
  PayAttempt,
  SettleAttempt,
  PlaceOrder,
  PlaceBatch,
  TakeStock,
  Reprice,
  WriteOrders,
  EndAttempt,
  VoidPayment,
  CapturesRepository,
  NoteCapturedAlone,
  NoteCaptured,
  CapturePayment,
  OrderPlacedEvents,
  PaymentEndedEvents,
  RecoverAttempt,
  RecoveryJob,
];

const orders = [
  OrdersRepository,
  PurchaseLimit,
  PurchasesRepository,
  OrderChangesRepository,
  ReadOrders,
  ChangeOrder,
  CancelOrder,
  RefundOrder,
  FulfillOrder,
];

/** From a cart to a paid order: sessions, quotes, payments, placing, orders, recovery. Operational layer. */
@Module({
  imports: [CatalogModule, DiscountsModule, InventoryModule, CustomersModule, CartModule],
  controllers: [
    CheckoutController,
    CompleteCheckoutController,
    OrdersController,
    AdminOrdersController,
    OrderChangesController,
    WebhookController,
    AdminPaymentsController,
  ],
  providers: [...session, ...payments, ...placing, ...orders],
})
export class CheckoutModule {}
