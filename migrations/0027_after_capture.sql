-- What becomes of captured money at its provider without the shop: refunds made there, and disputes.
ALTER TABLE payment_refunds ADD COLUMN provider_reference text;
CREATE UNIQUE INDEX payment_refunds_reference ON payment_refunds (attempt_id, provider_reference)
  WHERE provider_reference IS NOT NULL;

CREATE TABLE payment_disputes (
  id           uuid PRIMARY KEY,
  attempt_id   uuid NOT NULL REFERENCES payment_attempts (id),
  -- The provider's name for it.
  reference    text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  -- The bank asks (inquiry), has taken the money for now (open), for good (lost), or not after all (won, closed).
  state        text NOT NULL CHECK (state IN ('inquiry', 'open', 'won', 'lost', 'closed')),
  reason       text,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  UNIQUE (attempt_id, reference)
);
