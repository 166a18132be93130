-- Checkout sessions: Redis is faster, this is what outlives it. The newest version wins.
CREATE TABLE checkout_sessions (
  id         uuid PRIMARY KEY,
  version    bigint NOT NULL,
  state      text NOT NULL,
  cart_id    uuid NOT NULL,
  document   jsonb NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX checkout_sessions_updated_at ON checkout_sessions (updated_at);

-- One try to pay one checkout. Written before the provider is called, so that no charge is ever without a record.
CREATE TABLE payment_attempts (
  id                 uuid PRIMARY KEY,
  checkout_id        uuid NOT NULL,
  cart_id            uuid NOT NULL,
  order_id           uuid NOT NULL UNIQUE,
  provider           text NOT NULL,
  provider_reference text,
  amount_minor       bigint NOT NULL CHECK (amount_minor >= 0),
  currency           text NOT NULL,
  state              text NOT NULL
    CHECK (state IN ('paying', 'authorized', 'placed', 'captured', 'declined', 'voiding', 'voided', 'review')),
  -- Grows with each take-over: what a slower worker still writes is refused.
  fence              integer NOT NULL DEFAULT 1,
  -- What the customer agreed to: lines, quote, addresses, access token. The order is made from it.
  agreement          jsonb NOT NULL,
  -- How it ended without an order: what the checkout goes back to. Absent while it is live.
  ending             jsonb,
  idempotency_scope  text NOT NULL,
  idempotency_key    text NOT NULL,
  created_at         timestamptz NOT NULL DEFAULT now(),
  updated_at         timestamptz NOT NULL DEFAULT now()
);
-- One attempt at a time for a checkout; a declined or voided one makes room for the next.
CREATE UNIQUE INDEX payment_attempts_one_live ON payment_attempts (checkout_id)
  WHERE state IN ('paying', 'authorized', 'placed', 'captured', 'review');
CREATE INDEX payment_attempts_unsettled ON payment_attempts (updated_at)
  WHERE state IN ('paying', 'authorized', 'voiding');

CREATE SEQUENCE order_numbers START 1001;

CREATE TABLE orders (
  id                 uuid PRIMARY KEY,
  number             bigint NOT NULL DEFAULT nextval('order_numbers') UNIQUE,
  checkout_id        uuid NOT NULL CONSTRAINT orders_one_per_checkout UNIQUE,
  cart_id            uuid NOT NULL CONSTRAINT orders_one_per_cart UNIQUE,
  customer_id        uuid,
  email              text,
  state              text NOT NULL CHECK (state IN ('placed', 'captured', 'cancelled')),
  currency           text NOT NULL,
  subtotal_minor     bigint NOT NULL CHECK (subtotal_minor >= 0),
  discount_minor     bigint NOT NULL CHECK (discount_minor >= 0),
  shipping_minor     bigint NOT NULL CHECK (shipping_minor >= 0),
  tax_minor          bigint NOT NULL CHECK (tax_minor >= 0),
  total_minor        bigint NOT NULL CHECK (total_minor >= 0),
  tax_inclusive      boolean NOT NULL,
  rule_set_version   integer NOT NULL,
  discounts          jsonb NOT NULL,
  shipping_method_id text,
  shipping_address   jsonb,
  billing_address    jsonb,
  access_token_hash  bytea NOT NULL,
  placed_at          timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT orders_total CHECK (
    total_minor = subtotal_minor - discount_minor + shipping_minor + CASE WHEN tax_inclusive THEN 0 ELSE tax_minor END
  )
);
CREATE INDEX orders_customer ON orders (customer_id, number DESC) WHERE customer_id IS NOT NULL;

CREATE TABLE order_lines (
  order_id         uuid NOT NULL REFERENCES orders (id),
  position         integer NOT NULL,
  variant_id       uuid NOT NULL,
  product_id       uuid NOT NULL,
  sku              text,
  title            text NOT NULL,
  quantity         integer NOT NULL CHECK (quantity > 0),
  unit_price_minor bigint NOT NULL CHECK (unit_price_minor >= 0),
  discount_minor   bigint NOT NULL CHECK (discount_minor >= 0),
  tax_minor        bigint NOT NULL CHECK (tax_minor >= 0),
  total_minor      bigint NOT NULL CHECK (total_minor >= 0),
  PRIMARY KEY (order_id, position)
);

-- The books of the `test` payment provider. It stands for a server of somebody else: nothing but the provider reads it.
CREATE TABLE test_provider_payments (
  key            text PRIMARY KEY,
  state          text NOT NULL CHECK (state IN ('authorized', 'declined', 'captured', 'voided')),
  amount_minor   bigint NOT NULL,
  currency       text NOT NULL,
  captured_minor bigint NOT NULL DEFAULT 0,
  created_at     timestamptz NOT NULL DEFAULT now()
);
