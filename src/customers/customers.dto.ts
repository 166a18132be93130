import { z } from 'zod';
import { plainText } from '../platform/http/plain-text.js';

/** An e-mail address as it is stored and compared: trimmed and in lower case. */
const email = z
  .string()
  .max(254)
  .trim()
  .toLowerCase()
  .pipe(z.email())
  .meta({ description: 'Compared without regard to case.', example: 'ada@example.com' });

const password = z.string().min(8).max(200).meta({ format: 'password', example: 'correct horse battery' });
const name = plainText(1, 120);

export const registerRequest = z.strictObject({ email, password, name: name.optional() });
export const loginRequest = z.strictObject({
  email,
  password: z.string().min(1).max(200).meta({ format: 'password' }),
  cartId: z.uuid().toLowerCase().optional().describe('A guest cart to be merged into the cart of the customer.'),
});
export const refreshRequest = z.strictObject({
  refreshToken: z.string().min(1).max(200).describe('Used once: the answer carries the next one.'),
});
export const updateCustomerRequest = z.strictObject({ name: name.nullable().optional() });

export const customerResponse = z
  .object({ id: z.uuid(), email: z.string(), name: z.string().nullable(), createdAt: z.iso.datetime() })
  .meta({ id: 'Customer' });

export const tokensResponse = z
  .object({
    accessToken: z.string().describe('For `Authorization: Bearer …`.'),
    tokenType: z.literal('Bearer'),
    expiresInS: z.int().describe('Life of the access token in seconds.'),
    refreshToken: z.string().describe('For one use of `POST /v1/customers/refresh`.'),
  })
  .meta({ id: 'CustomerTokens' });

export const loginResponse = tokensResponse
  .extend({
    customer: customerResponse,
    cartMerged: z
      .boolean()
      .nullable()
      .describe(
        'Whether the guest cart was merged: null when none was given; false when it could not be (the login counts all the same; `POST /v1/carts/{id}/merge` tells why).',
      ),
  })
  .meta({ id: 'Login' });

export type RegisterRequest = z.infer<typeof registerRequest>;
export type LoginRequest = z.infer<typeof loginRequest>;
export type RefreshRequest = z.infer<typeof refreshRequest>;
export type UpdateCustomerRequest = z.infer<typeof updateCustomerRequest>;
export type CustomerResponse = z.infer<typeof customerResponse>;
export type Tokens = z.infer<typeof tokensResponse>;
export type LoginResponse = z.infer<typeof loginResponse>;
