import { Body, Controller, Get, Inject, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Endpoint } from '../platform/http/endpoint.decorator.js';
import { Private } from '../platform/http/private.decorator.js';
import { CurrentCustomer, type RequestCustomer, RequireCustomer } from './customer.guard.js';
import { CustomerSessions } from './customer-sessions.service.js';
import {
  customerResponse,
  type LoginRequest,
  loginRequest,
  loginResponse,
  type RefreshRequest,
  type RegisterRequest,
  refreshRequest,
  registerRequest,
  tokensResponse,
  type UpdateCustomerRequest,
  updateCustomerRequest,
} from './customers.dto.js';
import { CustomersService } from './customers.service.js';

@ApiTags('customers')
@Controller('v1/customers')
export class CustomersController {
  constructor(
    @Inject(CustomersService) private readonly customers: CustomersService,
    @Inject(CustomerSessions) private readonly sessions: CustomerSessions,
  ) {}

  @Post()
  @Private()
  @Endpoint({
    summary: 'Register a customer',
    responses: { 201: customerResponse },
    errors: ['email_taken', 'unavailable'],
  })
  register(@Body({ schema: registerRequest }) body: RegisterRequest) {
    return this.customers.register(body);
  }

  @Post('login')
  @Private()
  @Endpoint({
    summary: 'Log in, and take a guest cart along',
    responses: { 200: loginResponse },
    errors: ['invalid_credentials', 'too_many_requests', 'unavailable'],
  })
  login(@Body({ schema: loginRequest }) body: LoginRequest) {
    return this.customers.login(body);
  }

  @Post('refresh')
  @Private()
  @Endpoint({
    summary: 'Exchange a refresh token for new tokens',
    description: 'A refresh token is used once. Using it again ends the session on all its holders.',
    responses: { 200: tokensResponse },
    errors: ['unauthorized'],
  })
  refresh(@Body({ schema: refreshRequest }) body: RefreshRequest) {
    return this.sessions.refresh(body.refreshToken);
  }

  @Post('logout')
  @Private()
  @Endpoint({
    summary: 'End the session of a refresh token',
    description: 'Access tokens that were given out stay valid until they expire.',
    noContent: true,
  })
  logout(@Body({ schema: refreshRequest }) body: RefreshRequest) {
    return this.sessions.close(body.refreshToken);
  }

  @Get('me')
  @Private()
  @RequireCustomer()
  @Endpoint({ summary: 'The own account', responses: { 200: customerResponse } })
  me(@CurrentCustomer() customer: RequestCustomer) {
    return this.customers.find(customer.customerId);
  }

  @Patch('me')
  @Private()
  @RequireCustomer()
  @Endpoint({ summary: 'Change the own account', responses: { 200: customerResponse } })
  update(
    @CurrentCustomer() customer: RequestCustomer,
    @Body({ schema: updateCustomerRequest }) body: UpdateCustomerRequest,
  ) {
    return this.customers.update(customer.customerId, body);
  }
}
