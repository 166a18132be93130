import { Inject, Injectable } from '@nestjs/common';
import { eq, sql } from 'drizzle-orm';
import { Database, isUniqueViolation } from '../platform/database/database.js';
import { customers } from './customers.schema.js';

/** An account, without its password hash. */
export interface Customer {
  readonly id: string;
  /** Normalised. */
  readonly email: string;
  readonly name: string | null;
  readonly createdAt: Date;
}

export interface NewCustomer {
  readonly id: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly name: string | null;
}

const account = { id: customers.id, email: customers.email, name: customers.name, createdAt: customers.createdAt };

@Injectable()
export class CustomersRepository {
  private readonly byEmail;
  private readonly byId;

  constructor(@Inject(Database) private readonly database: Database) {
    this.byEmail = database.orm
      .select({ ...account, passwordHash: customers.passwordHash })
      .from(customers)
      .where(eq(customers.email, sql.placeholder('email')))
      .prepare('customers_by_email');
    this.byId = database.orm
      .select(account)
      .from(customers)
      .where(eq(customers.id, sql.placeholder('id')))
      .prepare('customers_by_id');
  }

  /** @returns undefined when the e-mail address has an account. */
  async insert(customer: NewCustomer): Promise<Customer | undefined> {
    try {
      const [row] = await this.database.orm.insert(customers).values(customer).returning(account);
      return row;
    } catch (error) {
      if (isUniqueViolation(error, 'customers_email_key')) return undefined;
      throw error;
    }
  }

  async findByEmail(email: string): Promise<(Customer & { readonly passwordHash: string }) | undefined> {
    const [row] = await this.byEmail.execute({ email });
    return row;
  }

  async findById(id: string): Promise<Customer | undefined> {
    const [row] = await this.byId.execute({ id });
    return row;
  }

  async rename(id: string, name: string | null): Promise<Customer | undefined> {
    const [row] = await this.database.orm
      .update(customers)
      .set({ name, updatedAt: sql`now()` })
      .where(eq(customers.id, id))
      .returning(account);
    return row;
  }
}
