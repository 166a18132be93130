-- Stock at several locations, and how far below what is there a level may be sold.

-- Stock is taken from active locations, the smallest rank first.
ALTER TABLE locations
  ADD rank   integer NOT NULL DEFAULT 0,
  ADD active boolean NOT NULL DEFAULT true;

ALTER TABLE inventory_levels
  -- Units that orders leave on the shelf.
  ADD safety_stock        integer NOT NULL DEFAULT 0 CHECK (safety_stock BETWEEN 0 AND 1000000000),
  -- Most units that may be owed; without it there is no limit. It may be lowered below what is owed already.
  ADD backorder_limit     integer CHECK (backorder_limit BETWEEN 0 AND 1000000000),
  -- At or below this many sellable units the level is low; without it the shop's setting counts.
  ADD low_stock_threshold integer CHECK (low_stock_threshold BETWEEN 0 AND 1000000000),
  -- Units owed now: the sum of the ledger's column of this name. What comes in serves them before it is on hand.
  ADD backordered         integer NOT NULL DEFAULT 0 CHECK (backordered >= 0);

-- Allocations owe, receipts and cancellations make good: backordered is signed like quantity.
ALTER TABLE stock_movements
  DROP CONSTRAINT stock_movements_backordered_check,
  DROP CONSTRAINT stock_movements_sign,
  ADD CONSTRAINT stock_movements_sign CHECK (CASE kind
    WHEN 'allocation' THEN quantity <= 0 AND backordered >= 0 AND quantity - backordered < 0
    WHEN 'correction' THEN backordered <= 0 AND (quantity <> 0 OR backordered <> 0)
    ELSE quantity >= 0 AND backordered <= 0 AND quantity - backordered > 0 END);

UPDATE inventory_levels l SET backordered = owed.units
FROM (SELECT variant_id, location_id, sum(backordered) AS units FROM stock_movements GROUP BY 1, 2) owed
WHERE owed.variant_id = l.variant_id AND owed.location_id = l.location_id AND owed.units > 0;

-- The most that may be held of a level in total; null when nothing limits it.
ALTER TABLE inventory_levels
  ADD hold_limit integer GENERATED ALWAYS AS (CASE
    WHEN NOT tracked THEN NULL
    WHEN policy = 'deny' THEN greatest(0, on_hand - safety_stock)
    WHEN backorder_limit IS NULL THEN NULL
    ELSE greatest(0, on_hand - safety_stock) + greatest(0, backorder_limit - backordered)
  END) STORED;

CREATE FUNCTION refuse_level_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.version <= OLD.version THEN
    RAISE EXCEPTION 'what Redis mirrors of a level changed without a new version: set version = version + 1'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RAISE EXCEPTION 'a level would owe more than its policy and its limit allow'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER inventory_levels_guard AFTER UPDATE ON inventory_levels FOR EACH ROW
  WHEN (
    (NEW.version <= OLD.version AND (NEW.on_hand, NEW.policy, NEW.tracked, NEW.hold_limit)
      IS DISTINCT FROM (OLD.on_hand, OLD.policy, OLD.tracked, OLD.hold_limit))
    OR (NEW.backordered > OLD.backordered AND (NEW.policy = 'deny' OR NEW.backordered > NEW.backorder_limit))
  )
  EXECUTE FUNCTION refuse_level_change();
