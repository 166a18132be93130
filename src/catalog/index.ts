// Products, variants, collections, and their import.
export { CatalogModule } from './catalog.module.js';
export { CatalogService } from './catalog.service.js';
export { catalogDependencies } from './catalog-dependencies.js';
export {
  type ClaimedImport,
  type ImportOutcome,
  type ImportProgress,
  ImportService,
  type OnImportProgress,
} from './import/import.service.js';
export type { ImportProblem, ImportReport } from './import/import-report.js';
export { type Offer, titleOf } from './offer.js';
export type { ProductDocument } from './products/product.dto.js';
export { type GenerateOptions, generateCatalog, SAMPLE_CATALOG } from './sample/generate-catalog.js';
