/**
 * Customers: accounts, login, sessions, preferences. Session layer; PostgreSQL keeps accounts and sessions.
 */
export { CurrentCustomer, OptionalCustomer, type RequestCustomer, RequireCustomer } from './customer.guard.js';
export { CustomersModule } from './customers.module.js';
export { CustomersService, type LoginHook } from './customers.service.js';
