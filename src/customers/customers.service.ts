import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { AppError } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import { LOGGER } from '../platform/logging.js';
import { CustomerSessions } from './customer-sessions.service.js';
import type {
  CustomerResponse,
  LoginRequest,
  LoginResponse,
  RegisterRequest,
  UpdateCustomerRequest,
} from './customers.dto.js';
import { type Customer, CustomersRepository } from './customers.repository.js';
import { LoginLimiter } from './login-limiter.js';
import { PasswordHasher } from './password-hasher.js';

/** Called after a login that named a guest cart. A rejection is logged and answered as `cartMerged: false`. */
export type LoginHook = (login: { readonly customerId: string; readonly cartId: string }) => Promise<unknown>;

/** Accounts: registration, login, and what customers may see and change of their own. */
@Injectable()
export class CustomersService {
  private readonly loginHooks: LoginHook[] = [];

  constructor(
    @Inject(CustomersRepository) private readonly customers: CustomersRepository,
    @Inject(PasswordHasher) private readonly passwords: PasswordHasher,
    @Inject(CustomerSessions) private readonly sessions: CustomerSessions,
    @Inject(LoginLimiter) private readonly limiter: LoginLimiter,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Lets a module above take the guest cart over at login, without this module knowing carts. */
  onLogin(hook: LoginHook): void {
    this.loginHooks.push(hook);
  }

  async register({ email, password, name }: RegisterRequest): Promise<CustomerResponse> {
    const passwordHash = await this.passwords.hash(password);
    const customer = await this.customers.insert({ id: newId(), email, passwordHash, name: name ?? null });
    if (!customer) throw new AppError('email_taken', { detail: 'Log in, or register with another address.' });
    return present(customer);
  }

  async login({ email, password, cartId }: LoginRequest): Promise<LoginResponse> {
    await this.limiter.begin(email);
    const customer = await this.customers.findByEmail(email);
    if (!(await this.passwords.matches(customer?.passwordHash, password)) || !customer) {
      throw new AppError('invalid_credentials', { detail: 'Check both and try again.' });
    }
    await this.limiter.succeeded(email);
    const tokens = await this.sessions.open(customer.id);
    const cartMerged = cartId === undefined ? null : await this.runHooks(customer.id, cartId);
    return { ...tokens, customer: present(customer), cartMerged };
  }

  /** @throws AppError `unauthorized` when the account is gone. */
  async find(customerId: string): Promise<CustomerResponse> {
    return presentOrRefuse(await this.customers.findById(customerId));
  }

  async update(customerId: string, { name }: UpdateCustomerRequest): Promise<CustomerResponse> {
    if (name === undefined) return this.find(customerId);
    return presentOrRefuse(await this.customers.rename(customerId, name));
  }

  /** A login must not fail because of a cart. */
  private async runHooks(customerId: string, cartId: string): Promise<boolean> {
    try {
      for (const hook of this.loginHooks) await hook({ customerId, cartId });
      return true;
    } catch (error) {
      this.logger.warn({ err: error, customerId }, 'the guest cart was not merged at login');
      return false;
    }
  }
}

const present = ({ id, email, name, createdAt }: Customer): CustomerResponse => ({
  id,
  email,
  name,
  createdAt: createdAt.toISOString(),
});

function presentOrRefuse(customer: Customer | undefined): CustomerResponse {
  if (!customer) throw new AppError('unauthorized', { detail: 'The account of this token is gone.' });
  return present(customer);
}
