import { Body, Controller, Get, Inject, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequireAdmin } from '../platform/auth/require-admin.decorator.js';
import { Endpoint } from '../platform/http/endpoint.decorator.js';
import { Private } from '../platform/http/private.decorator.js';
import {
  type AdjustmentRequest,
  adjustedLevel,
  adjustmentRequest,
  type InventoryQuery,
  inspection,
  inventoryQuery,
  reconciliationReport,
  toAdjustment,
  toInspectionAnswer,
  toVariantReference,
} from './inventory.dto.js';
import { Reconciliation } from './reconciliation.service.js';
import { StockAdministration } from './stock-administration.service.js';
import { StockInspection } from './stock-inspection.service.js';

@ApiTags('inventory administration')
@Controller('v1/admin/inventory')
export class InventoryAdminController {
  constructor(
    @Inject(StockAdministration) private readonly stock: StockAdministration,
    @Inject(StockInspection) private readonly inspections: StockInspection,
    @Inject(Reconciliation) private readonly reconciliation: Reconciliation,
  ) {}

  @Get()
  @Private()
  @RequireAdmin('inventory:read')
  @Endpoint({
    summary: 'Read the stock of one variant: the level in PostgreSQL, the level in Redis, live holds, newest movements',
    responses: { 200: inspection },
    errors: ['unauthorized', 'forbidden', 'not_found'],
  })
  async inspect(@Query({ schema: inventoryQuery }) query: InventoryQuery) {
    return toInspectionAnswer(await this.inspections.inspect(await this.stock.variantIdOf(toVariantReference(query))));
  }

  @Post('adjustments')
  @Private()
  @RequireAdmin('inventory:write')
  @Endpoint({
    summary: 'Change the stock of one variant',
    description:
      'With `delta` for what came or went, or with `onHand` for what was counted. The ledger keeps the reason.',
    responses: { 200: adjustedLevel },
    errors: ['unauthorized', 'forbidden', 'not_found', 'version_conflict'],
  })
  adjust(@Body({ schema: adjustmentRequest }) body: AdjustmentRequest) {
    return this.stock.adjust(toAdjustment(body));
  }

  @Post('reconcile')
  @Private()
  @RequireAdmin('inventory:write')
  @Endpoint({
    summary: 'Compare every level in Redis with PostgreSQL and repair what differs',
    responses: { 200: reconciliationReport },
    errors: ['unauthorized', 'forbidden', 'unavailable'],
  })
  reconcile() {
    return this.reconciliation.reconcile();
  }
}
