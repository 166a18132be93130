-- Published discount rule sets: immutable, so that an order's rule set can be read for as long as the order is kept.
CREATE TABLE discount_rule_sets (
  version      integer PRIMARY KEY CHECK (version >= 0),
  document     jsonb NOT NULL,
  published_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION refuse_rule_set_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'discount rule set % is published and cannot be changed; publish a new version', OLD.version;
END $$;
CREATE TRIGGER discount_rule_sets_are_immutable BEFORE UPDATE OR DELETE ON discount_rule_sets
  FOR EACH ROW EXECUTE FUNCTION refuse_rule_set_change();

-- The draft being edited and the pointer to the active version: one row, whose lock puts publishing and activating
-- in one order.
CREATE TABLE discount_state (
  singleton        boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  draft            jsonb NOT NULL,
  draft_revision   integer NOT NULL DEFAULT 0,
  draft_updated_at timestamptz NOT NULL DEFAULT now(),
  active_version   integer NOT NULL REFERENCES discount_rule_sets (version)
);

-- Version 0 has no discounts: there is always an active version, and activating it switches every discount off.
INSERT INTO discount_rule_sets (version, document) VALUES (0, '{"discounts": []}');
INSERT INTO discount_state (draft, active_version) VALUES ('{"discounts": []}', 0);

-- What each order used, whichever version it was placed under. Written in the placing transaction.
-- No foreign key to orders: they belong to a module above this one.
CREATE TABLE discount_usages (
  order_id         uuid NOT NULL,
  code             text NOT NULL,
  rule_set_version integer NOT NULL REFERENCES discount_rule_sets (version),
  amount_minor     bigint NOT NULL CHECK (amount_minor > 0),
  currency         text NOT NULL,
  used_at          timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (order_id, code)
);
CREATE INDEX discount_usages_code ON discount_usages (code);

-- How often a code was used: a row for each code that ever had a limit, made when the limit is first published.
-- Codes without one have no row, so that orders using them do not wait for each other.
CREATE TABLE discount_usage_counts (
  code text PRIMARY KEY,
  used bigint NOT NULL CHECK (used >= 0)
);
