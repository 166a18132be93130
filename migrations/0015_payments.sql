-- What a customer has to do before a payment can go on (3-D Secure), and why a person must decide about it.
ALTER TABLE payment_attempts ADD COLUMN action jsonb, ADD COLUMN review jsonb;
CREATE INDEX payment_attempts_review ON payment_attempts (updated_at, id) WHERE state = 'review';

-- Checkouts that can still be paid: what expires is found without walking over all that ended.
CREATE INDEX checkout_sessions_unpaid ON checkout_sessions (updated_at) WHERE state IN ('open', 'reserved', 'declined');

-- Webhooks of payment providers by the id of their event: each is carried out once.
CREATE TABLE payment_webhooks (
  provider     text NOT NULL,
  event_id     text NOT NULL,
  -- Whose payment it is about; absent when it is about none.
  payment_key  text,
  received_at  timestamptz NOT NULL DEFAULT now(),
  -- Absent until it has been carried out.
  processed_at timestamptz,
  PRIMARY KEY (provider, event_id)
);
CREATE INDEX payment_webhooks_received_at ON payment_webhooks (received_at);

-- Money to be given back. Written before the provider is called; what is still `requested` is taken up again.
CREATE TABLE payment_refunds (
  attempt_id   uuid NOT NULL REFERENCES payment_attempts (id),
  -- Chosen by whoever asks: the same key is the same refund.
  refund_key   text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  state        text NOT NULL CHECK (state IN ('requested', 'refunded', 'refused')),
  -- Why the provider refused.
  reason       text,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (attempt_id, refund_key)
);
CREATE INDEX payment_refunds_requested ON payment_refunds (updated_at) WHERE state = 'requested';

-- The books of the `test` payment provider, continued.
CREATE TABLE test_provider_refunds (
  payment_key  text NOT NULL,
  refund_key   text NOT NULL,
  amount_minor bigint NOT NULL,
  PRIMARY KEY (payment_key, refund_key)
);

-- Which payment intent of Stripe belongs to which payment. Written before the intent can take money; without an intent
-- the payment was voided before there was one, and none may be confirmed any more.
CREATE TABLE stripe_payments (
  payment_key text PRIMARY KEY,
  intent_id   text UNIQUE
);
