/**
 * Carts: of guests, reached by an unguessable id, and of customers; changed by version, merged at login. Session layer;
 * folded into PostgreSQL behind.
 */
export { CartModule } from './cart.module.js';
export { CartService } from './cart.service.js';
export type { PricedCart } from './changes/cart-writer.js';
export { limitOfCart, type OverLimit, quantityLimit } from './changes/quantity-limit.js';
export type { Cart, CartLine } from './documents/cart-document.js';
export { type LinesToPrice, type PriceSources, priceSold, type SoldLine, soldLines } from './price-sold.js';
export type { CartQuote, OfferedLine, UnavailableLine } from './quote-cart.js';
