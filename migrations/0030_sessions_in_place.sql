-- A session changes with every step of its checkout: as 0029 for attempts.
DROP INDEX checkout_sessions_live_of_cart;
DROP INDEX checkout_sessions_reserved;
DROP INDEX checkout_sessions_ended;
DROP INDEX checkout_sessions_updated_at;

ALTER TABLE checkout_sessions
  ADD opened_at timestamptz NOT NULL DEFAULT now(),
  -- It may still be paid.
  ADD is_under_way boolean GENERATED ALWAYS AS (state IN ('reserved', 'paying')) STORED,
  -- It ended without an order.
  ADD is_lapsed boolean GENERATED ALWAYS AS (state IN ('expired', 'cancelled')) STORED,
  SET (fillfactor = 60);
-- What is to expire must have been opened before. What has lapsed already is purged as if it had been opened now.
UPDATE checkout_sessions SET opened_at = updated_at WHERE is_under_way;

CREATE INDEX checkout_sessions_of_cart ON checkout_sessions (cart_id) WHERE is_under_way;
CREATE INDEX checkout_sessions_under_way ON checkout_sessions (opened_at) WHERE is_under_way;
CREATE INDEX checkout_sessions_lapsed ON checkout_sessions (opened_at) WHERE is_lapsed;
-- A summary of blocks does not stand in the way of updates in place (since PostgreSQL 16; before, they are as they were).
CREATE INDEX checkout_sessions_updated_at ON checkout_sessions USING brin (updated_at)
  WITH (pages_per_range = 32, autosummarize = on);
