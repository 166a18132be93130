-- What happens to an order after it was placed. What was shipped and given back is counted from these rows.
ALTER TABLE orders
  ADD COLUMN captured_at   timestamptz,
  ADD COLUMN cancelled_at  timestamptz,
  ADD COLUMN cancel_reason text;
CREATE INDEX orders_email ON orders (lower(email) text_pattern_ops, number DESC) WHERE email IS NOT NULL;

CREATE TABLE order_fulfillments (
  id              uuid PRIMARY KEY,
  order_id        uuid NOT NULL REFERENCES orders (id),
  -- [{ position, quantity }]
  lines           jsonb NOT NULL,
  carrier         text,
  tracking_number text,
  tracking_url    text,
  created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX order_fulfillments_order ON order_fulfillments (order_id);

-- Money to be given back for an order. Whether it was is told by payment_refunds, whose refund_key is this id.
CREATE TABLE order_refunds (
  id             uuid PRIMARY KEY,
  order_id       uuid NOT NULL REFERENCES orders (id),
  attempt_id     uuid NOT NULL,
  -- [{ position, quantity, unshipped, amountMinor, taxMinor }]; unshipped units will not be shipped any more.
  lines          jsonb NOT NULL,
  shipping_minor bigint NOT NULL CHECK (shipping_minor >= 0),
  extra_minor    bigint NOT NULL CHECK (extra_minor >= 0),
  amount_minor   bigint NOT NULL CHECK (amount_minor > 0),
  reason         text,
  restocked      boolean NOT NULL,
  created_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX order_refunds_order ON order_refunds (order_id);
