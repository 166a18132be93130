-- Holds that were taken, changed or ended while Redis could not be reached. They count here for as long as they live, and
-- are handed over to Redis when it is back (ADR 11). At other times nothing is written here.
CREATE TABLE inventory_holds (
  hold_id     uuid PRIMARY KEY,
  state       text NOT NULL CHECK (state IN ('held', 'released', 'committed')),
  -- Tells the lines apart, as in Redis.
  fingerprint text NOT NULL,
  taken_at    timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL,
  -- Why it was released, or for which order it was committed.
  detail      text NOT NULL DEFAULT '',
  -- Grows with each change: what was handed over is only done when it has not changed since.
  version     integer NOT NULL DEFAULT 1,
  handed_over boolean NOT NULL DEFAULT false,
  changed_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX inventory_holds_waiting ON inventory_holds (hold_id) WHERE NOT handed_over;
CREATE INDEX inventory_holds_live ON inventory_holds (expires_at) WHERE state = 'held';

CREATE TABLE inventory_hold_lines (
  hold_id    uuid NOT NULL REFERENCES inventory_holds ON DELETE CASCADE,
  variant_id uuid NOT NULL,
  quantity   integer NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (hold_id, variant_id)
);
CREATE INDEX inventory_hold_lines_variant ON inventory_hold_lines (variant_id);

-- The open checkout of a cart is found here while Redis is away.
CREATE INDEX checkout_sessions_live_of_cart ON checkout_sessions (cart_id)
  WHERE state IN ('open', 'reserved', 'declined', 'paying', 'authorized', 'voiding');
