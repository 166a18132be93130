/**
 * Checkout: sessions, payments, placing of orders, recovery.
 */
export { CheckoutModule } from './checkout.module.js';
