-- Folded from the session layer, newest version wins. No foreign keys: a fold must never fail, and carts outlive nobody.
CREATE TABLE carts (
  id          uuid PRIMARY KEY,
  version     bigint NOT NULL,
  customer_id uuid,
  document    jsonb NOT NULL,
  updated_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX carts_updated_at ON carts (updated_at);

-- Which cart is a customer's current one.
CREATE TABLE customer_carts (
  customer_id uuid PRIMARY KEY,
  version     bigint NOT NULL,
  cart_id     uuid NOT NULL,
  updated_at  timestamptz NOT NULL DEFAULT now()
);
