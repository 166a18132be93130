/**
 * tiershop as a library: Nest modules for an application of your own. Begin with `createApplication(config, modules)`, or
 * import `PlatformModule.forRoot(…)` and `CacheModule.forRoot()` and then the features you need; each feature's
 * docstring names what it needs.
 */
export * from './cache/index.js';
export * from './cart/index.js';
export * from './catalog/index.js';
export * from './checkout/index.js';
export * from './customers/index.js';
export * from './discounts/index.js';
export * from './inventory/index.js';
export * from './ops/index.js';
export type { Config } from './platform/config.js';
export { migrate } from './platform/database/migrate.js';
export { AppError, type ErrorCode } from './platform/errors.js';
export { createApplication } from './platform/http/create-application.js';
export { ConfigError, loadConfig } from './platform/load-config.js';
export { PlatformModule, type PlatformParts } from './platform/platform.module.js';
