import { Body, Controller, Get, Inject, Patch } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Endpoint } from '../platform/http/endpoint.decorator.js';
import { Private } from '../platform/http/private.decorator.js';
import { CurrentCustomer, type RequestCustomer, RequireCustomer } from './customer.guard.js';
import { type PreferencesPatch, preferencesPatch, preferencesResponse } from './preferences.js';
import { PreferencesService } from './preferences.service.js';

@ApiTags('customers')
@Controller('v1/customers/me/preferences')
export class PreferencesController {
  constructor(@Inject(PreferencesService) private readonly preferences: PreferencesService) {}

  @Get()
  @Private()
  @RequireCustomer()
  @Endpoint({
    summary: 'The preferences of the customer',
    responses: { 200: preferencesResponse },
    errors: ['unavailable'],
  })
  read(@CurrentCustomer() { customerId }: RequestCustomer) {
    return this.preferences.read(customerId);
  }

  @Patch()
  @Private()
  @RequireCustomer()
  @Endpoint({
    summary: 'Change preferences',
    description: 'A merge patch (RFC 7396): what is absent stays, `null` takes away; also inside `extra`.',
    responses: { 200: preferencesResponse },
    errors: ['version_conflict', 'unavailable'],
  })
  patch(
    @CurrentCustomer() { customerId }: RequestCustomer,
    @Body({ schema: preferencesPatch }) body: PreferencesPatch,
  ) {
    return this.preferences.patch(customerId, body);
  }
}
