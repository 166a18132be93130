import { Body, Controller, Inject, Patch, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { RequireAdmin } from '../../platform/auth/require-admin.decorator.js';
import type { ErrorCode } from '../../platform/errors.js';
import { Endpoint } from '../../platform/http/endpoint.decorator.js';
import { Private } from '../../platform/http/private.decorator.js';
import { claimOf } from '../../platform/idempotency/claim-of-request.js';
import { IdempotencyKeyHeader } from '../../platform/idempotency/idempotency-key.decorator.js';
import { BulkAdjustment } from './bulk-adjustment.service.js';
import { LevelSettingsService } from './level-settings.service.js';
import { StockAdministration } from './stock-administration.service.js';
import {
  type AdjustmentRequest,
  adjustedLevel,
  adjustmentRequest,
  type BulkAdjustmentRequest,
  bulkAdjustmentAnswer,
  bulkAdjustmentRequest,
  type SettingsRequest,
  settingsAnswer,
  settingsRequest,
  type TransferRequest,
  toAdjustment,
  toSettingsChange,
  toTransfer,
  transferAnswer,
  transferRequest,
} from './stock-changes.dto.js';

const refusals: ErrorCode[] = ['not_found', 'version_conflict'];
const repeats: ErrorCode[] = ['idempotency_key_reused', 'request_in_progress'];

@ApiTags('inventory administration')
@Controller('v1/admin/inventory')
export class StockChangesController {
  constructor(
    @Inject(StockAdministration) private readonly stock: StockAdministration,
    @Inject(BulkAdjustment) private readonly bulk: BulkAdjustment,
    @Inject(LevelSettingsService) private readonly settings: LevelSettingsService,
  ) {}

  @Post('adjustments')
  @Private()
  @RequireAdmin('inventory:write')
  @IdempotencyKeyHeader(false)
  @Endpoint({
    summary: 'Change the stock of one variant',
    description:
      'With `delta` for what came or went, or with `onHand` for what was counted. What came in serves units that are owed ' +
      'to orders first; the rest is on hand. The ledger keeps the reason.',
    responses: { 200: adjustedLevel },
    errors: [...refusals, ...repeats],
  })
  adjust(@Body({ schema: adjustmentRequest }) body: AdjustmentRequest, @Req() request: FastifyRequest) {
    return this.stock.adjust(toAdjustment(body), claimOf(request));
  }

  @Post('adjustments/bulk')
  @Private()
  @RequireAdmin('inventory:write')
  @IdempotencyKeyHeader(false)
  @Endpoint({
    summary: 'Change the stock of many variants in one transaction',
    description: 'At most 200. All of them or, with `allOrNone: false`, those that are not refused.',
    responses: { 200: bulkAdjustmentAnswer },
    errors: repeats,
  })
  adjustMany(
    @Body({ schema: bulkAdjustmentRequest }) { adjustments, allOrNone }: BulkAdjustmentRequest,
    @Req() request: FastifyRequest,
  ) {
    return this.bulk.adjust(adjustments.map(toAdjustment), allOrNone, claimOf(request));
  }

  @Post('transfers')
  @Private()
  @RequireAdmin('inventory:write')
  @IdempotencyKeyHeader(false)
  @Endpoint({
    summary: 'Carry stock from one location to another',
    description: 'Two movements in one transaction. A location that had none of the variant gets a level.',
    responses: { 200: transferAnswer },
    errors: ['not_found', ...repeats],
  })
  transfer(@Body({ schema: transferRequest }) body: TransferRequest, @Req() request: FastifyRequest) {
    return this.stock.transfer(toTransfer(body), claimOf(request));
  }

  @Patch('levels')
  @Private()
  @RequireAdmin('inventory:write')
  @Endpoint({
    summary: 'Change by which rules a variant is sold at a location',
    description: 'What is absent stays. The next import of the variant sets `policy` and `tracked` as its file says.',
    responses: { 200: settingsAnswer },
    errors: refusals,
  })
  change(@Body({ schema: settingsRequest }) body: SettingsRequest) {
    return this.settings.change(toSettingsChange(body));
  }
}
