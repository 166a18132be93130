import { Module } from '@nestjs/common';
import { AccessTokens } from './access-tokens.js';
import { CustomerGuard } from './customer.guard.js';
import { CustomerSessions } from './customer-sessions.service.js';
import { CustomersController } from './customers.controller.js';
import { CustomersRepository } from './customers.repository.js';
import { CustomersService } from './customers.service.js';
import { LoginLimiter } from './login-limiter.js';
import { PasswordHasher } from './password-hasher.js';
import { PreferencesController } from './preferences.controller.js';
import { PreferencesRepository } from './preferences.repository.js';
import { PreferencesService } from './preferences.service.js';
import { SessionsRepository } from './sessions.repository.js';

/** Accounts, sessions and preferences of customers. Import it to use its guards. Needs CacheModule. */
@Module({
  controllers: [CustomersController, PreferencesController],
  providers: [
    AccessTokens,
    CustomerGuard,
    CustomerSessions,
    CustomersRepository,
    CustomersService,
    LoginLimiter,
    PasswordHasher,
    PreferencesRepository,
    PreferencesService,
    SessionsRepository,
  ],
  // Nest creates a guard in the module of the controller it guards, so what guards need is exported.
  exports: [AccessTokens, CustomersService],
})
export class CustomersModule {}
