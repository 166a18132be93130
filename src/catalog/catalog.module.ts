import { Module } from '@nestjs/common';
import { CatalogService } from './catalog.service.js';
import { CatalogCache } from './catalog-cache.js';
import { CatalogHotReads } from './catalog-hot-reads.js';
import { CatalogWarmers } from './catalog-warmers.js';
import { CollectionRepository } from './collections/collection.repository.js';
import { CollectionsController } from './collections/collections.controller.js';
import { ImportController } from './import/import.controller.js';
import { ImportService } from './import/import.service.js';
import { ImportJobsRepository } from './import/import-jobs.repository.js';
import { ImportJobsService } from './import/import-jobs.service.js';
import { ImportLockRepository } from './import/import-lock.repository.js';
import { ImportBatchRepository } from './import/storing/import-batch.repository.js';
import { ImportBatchWriter } from './import/storing/import-batch.writer.js';
import { ProductRepository } from './products/product.repository.js';
import { ProductListRepository } from './products/product-list.repository.js';
import { ProductLists } from './products/product-lists.service.js';
import { ProductsController } from './products/products.controller.js';

/** Products, collections, imports. Needs PlatformModule, CacheModule and a module that takes stock in (InventoryModule). */
@Module({
  controllers: [ProductsController, CollectionsController, ImportController],
  providers: [
    CatalogCache,
    CatalogHotReads,
    CatalogService,
    CatalogWarmers,
    CollectionRepository,
    ImportBatchRepository,
    ImportBatchWriter,
    ImportJobsRepository,
    ImportJobsService,
    ImportLockRepository,
    ImportService,
    ProductListRepository,
    ProductLists,
    ProductRepository,
  ],
  exports: [CatalogService, ImportService],
})
export class CatalogModule {}
