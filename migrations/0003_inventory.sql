-- Stock. PostgreSQL decides what is sold; Redis mirrors these levels to answer fast and may lose everything.
-- Variants are known by id only: inventory has no foreign keys into the catalogue.

CREATE TABLE locations (
  id         uuid PRIMARY KEY,
  code       text NOT NULL UNIQUE CHECK (code ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  name       text NOT NULL CHECK (name <> ''),
  created_at timestamptz NOT NULL DEFAULT now()
);
-- The location of a shop that has only one (src/inventory/locations.ts has the same id).
INSERT INTO locations (id, code, name) VALUES ('00000000-0000-4000-8000-000000000001', 'main', 'Main location');

-- What is there and promised to nobody. on_hand changes only together with a movement; the version grows with every
-- change of what Redis mirrors (on_hand, policy, tracked). It grows while the row is locked, so version order is commit order.
CREATE TABLE inventory_levels (
  variant_id  uuid NOT NULL,
  location_id uuid NOT NULL REFERENCES locations,
  sku         text,
  on_hand     integer NOT NULL CONSTRAINT inventory_levels_never_negative CHECK (on_hand >= 0),
  version     bigint NOT NULL DEFAULT 1,
  -- What happens to an order for more than there is: it is refused, or it takes what is there and waits for the rest.
  policy      text NOT NULL DEFAULT 'deny' CHECK (policy IN ('deny', 'backorder')),
  -- What the last import said. A file that says the same again changes nothing: what was sold since stays sold.
  reported    integer,
  -- An untracked variant is not counted: it can always be bought and takes no stock.
  tracked     boolean NOT NULL DEFAULT true,
  updated_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (variant_id, location_id)
) WITH (fillfactor = 80); -- room for an order to update the row in its page, without touching an index
CREATE INDEX inventory_levels_sku ON inventory_levels (sku) WHERE sku IS NOT NULL;

-- The ledger: on_hand is the sum of a level's quantities, always. What an order took beyond what was there stands in
-- backordered and is no part of the sum; on_hand never goes below zero.
CREATE TABLE stock_movements (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  variant_id    uuid NOT NULL,
  location_id   uuid NOT NULL,
  kind          text NOT NULL CHECK (kind IN ('receipt', 'allocation', 'cancellation', 'correction')),
  quantity      integer NOT NULL,
  backordered   integer NOT NULL DEFAULT 0 CHECK (backordered >= 0),
  order_id      uuid,
  reason        text,
  -- The version that the level has since this movement.
  level_version bigint NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT stock_movements_sign CHECK (CASE kind
    WHEN 'receipt' THEN quantity > 0
    WHEN 'allocation' THEN quantity <= 0 AND quantity - backordered < 0
    WHEN 'cancellation' THEN quantity >= 0
    ELSE quantity <> 0 END),
  CONSTRAINT stock_movements_order CHECK ((kind IN ('allocation', 'cancellation')) = (order_id IS NOT NULL)),
  -- One movement for each version: a write that forgot the lock or the version fails here.
  CONSTRAINT stock_movements_by_level UNIQUE (variant_id, location_id, level_version)
);
-- An order takes stock once, whatever is repeated.
CREATE UNIQUE INDEX stock_movements_one_allocation ON stock_movements (order_id, variant_id, location_id)
  WHERE kind = 'allocation';

CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'stock_movements is append-only: write a movement that corrects the wrong one'
    USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER stock_movements_append_only BEFORE UPDATE OR DELETE ON stock_movements
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();

-- Grows when Redis or PostgreSQL may have lost data: levels that Redis keeps from an older epoch are void.
CREATE TABLE inventory_epochs (
  partition text PRIMARY KEY,
  epoch     bigint NOT NULL
);
INSERT INTO inventory_epochs (partition, epoch) VALUES ('0', 1);
