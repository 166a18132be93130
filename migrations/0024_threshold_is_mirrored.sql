-- Shoppers are told `low` by a level's own threshold, so Redis mirrors it, and a change of it is a new version of the level.
CREATE OR REPLACE TRIGGER inventory_levels_guard AFTER UPDATE ON inventory_levels FOR EACH ROW
  WHEN (
    (NEW.version <= OLD.version AND (NEW.on_hand, NEW.policy, NEW.tracked, NEW.hold_limit, NEW.low_stock_threshold)
      IS DISTINCT FROM (OLD.on_hand, OLD.policy, OLD.tracked, OLD.hold_limit, OLD.low_stock_threshold))
    OR (NEW.backordered > OLD.backordered AND (NEW.policy = 'deny' OR NEW.backordered > NEW.backorder_limit))
  )
  EXECUTE FUNCTION refuse_level_change();
