import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { RequireAdmin } from '../../platform/auth/require-admin.decorator.js';
import { Endpoint } from '../../platform/http/endpoint.decorator.js';
import { Private } from '../../platform/http/private.decorator.js';
import { IdempotencyKeyHeader } from '../../platform/idempotency/idempotency-key.decorator.js';
import { OncePerKey } from '../../platform/idempotency/once-per-key.js';
import { LocationAdministration } from './location-administration.service.js';
import {
  type LocationChangesRequest,
  type LocationParams,
  type LocationRequest,
  locationAnswer,
  locationChanges,
  locationList,
  locationParams,
  locationRequest,
} from './locations.dto.js';

@ApiTags('inventory administration')
@Controller('v1/admin/locations')
export class LocationsController {
  constructor(
    @Inject(LocationAdministration) private readonly locations: LocationAdministration,
    @Inject(OncePerKey) private readonly once: OncePerKey,
  ) {}

  @Get()
  @Private()
  @RequireAdmin('inventory:read')
  @Endpoint({
    summary: 'List the locations that stock lies at, in the order that it is taken',
    responses: { 200: locationList },
  })
  async list() {
    return { items: await this.locations.list() };
  }

  @Post()
  @Private()
  @RequireAdmin('inventory:write')
  @IdempotencyKeyHeader(false)
  @Endpoint({
    summary: 'Add a location',
    responses: { 201: locationAnswer },
    errors: ['location_code_taken', 'limit_reached', 'idempotency_key_reused', 'request_in_progress'],
  })
  create(@Body({ schema: locationRequest }) body: LocationRequest, @Req() request: FastifyRequest) {
    return this.once.run(request, () => this.locations.create(body));
  }

  @Get(':location')
  @Private()
  @RequireAdmin('inventory:read')
  @Endpoint({
    summary: 'Read a location',
    responses: { 200: locationAnswer },
    errors: ['not_found'],
  })
  read(@Param({ schema: locationParams }) { location }: LocationParams) {
    return this.locations.read(location);
  }

  @Patch(':location')
  @Private()
  @RequireAdmin('inventory:write')
  @Endpoint({
    summary: 'Rename, rank, activate or deactivate a location',
    description:
      'One that has stock or owes some cannot be deactivated: transfer it first. Other processes follow within a second.',
    responses: { 200: locationAnswer },
    errors: ['not_found', 'location_code_taken', 'location_in_use'],
  })
  update(
    @Param({ schema: locationParams }) { location }: LocationParams,
    @Body({ schema: locationChanges }) body: LocationChangesRequest,
  ) {
    return this.locations.update(location, body);
  }

  @Delete(':location')
  @Private()
  @RequireAdmin('inventory:write')
  @Endpoint({
    summary: 'Delete a location that never had a stock level',
    noContent: true,
    errors: ['not_found', 'location_in_use'],
  })
  async remove(@Param({ schema: locationParams }) { location }: LocationParams): Promise<void> {
    await this.locations.remove(location);
  }
}
