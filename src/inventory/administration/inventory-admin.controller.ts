import { Controller, Get, Inject, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequireAdmin } from '../../platform/auth/require-admin.decorator.js';
import { Endpoint } from '../../platform/http/endpoint.decorator.js';
import { NoBody } from '../../platform/http/no-body.decorator.js';
import { pageOf } from '../../platform/http/page.js';
import { Private } from '../../platform/http/private.decorator.js';
import { Reconciliation } from '../reconciliation/reconciliation.service.js';
import {
  type InventoryQuery,
  inspection,
  inventoryQuery,
  reconciliationReport,
  toInspectionAnswer,
} from './inventory.dto.js';
import { toVariantReference } from './level-reference.dto.js';
import { type MovementsQuery, movement, movementsQuery, toMovementAnswer } from './movements.dto.js';
import { StockInspection } from './stock-inspection.service.js';
import { StockReferences } from './stock-references.service.js';

@ApiTags('inventory administration')
@Controller('v1/admin/inventory')
export class InventoryAdminController {
  constructor(
    @Inject(StockReferences) private readonly references: StockReferences,
    @Inject(StockInspection) private readonly inspections: StockInspection,
    @Inject(Reconciliation) private readonly reconciliation: Reconciliation,
  ) {}

  @Get()
  @Private()
  @RequireAdmin('inventory:read')
  @Endpoint({
    summary: 'Read the stock of one variant: its levels in PostgreSQL and in Redis, live holds, newest movements',
    responses: { 200: inspection },
    errors: ['not_found'],
  })
  async inspect(@Query({ schema: inventoryQuery }) query: InventoryQuery) {
    const variantId = await this.references.variantIdOf(toVariantReference(query));
    return toInspectionAnswer(await this.inspections.inspect(variantId));
  }

  @Get('movements')
  @Private()
  @RequireAdmin('inventory:read')
  @Endpoint({
    summary: 'Read the ledger of one variant at a location, newest first',
    responses: { 200: pageOf(movement) },
    errors: ['not_found'],
  })
  async history(@Query({ schema: movementsQuery }) { location, limit, cursor, ...variant }: MovementsQuery) {
    const place = await this.references.placeOf({ variant: toVariantReference(variant), location });
    const { items, nextCursor } = await this.inspections.history(place, { limit, cursor });
    return { items: items.map(toMovementAnswer), nextCursor };
  }

  @Post('reconcile')
  @NoBody()
  @Private()
  @RequireAdmin('inventory:write')
  @Endpoint({
    summary: 'Compare every level in Redis with PostgreSQL and repair what differs',
    responses: { 200: reconciliationReport },
    errors: ['unavailable'],
  })
  reconcile() {
    return this.reconciliation.reconcile();
  }
}
