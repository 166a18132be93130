-- Units that orders may take from what is there; null when nobody counts them. Where it crosses the low-stock threshold or
-- zero, an event is written.
ALTER TABLE inventory_levels
  ADD sellable integer GENERATED ALWAYS AS (CASE WHEN tracked THEN greatest(0, on_hand - safety_stock) END) STORED;

-- Units that were carried to another location are two movements, one at each.
ALTER TABLE stock_movements
  DROP CONSTRAINT stock_movements_kind_check,
  ADD CONSTRAINT stock_movements_kind_check
    CHECK (kind IN ('receipt', 'allocation', 'cancellation', 'correction', 'transfer')),
  DROP CONSTRAINT stock_movements_sign,
  ADD CONSTRAINT stock_movements_sign CHECK (CASE kind
    WHEN 'allocation' THEN quantity <= 0 AND backordered >= 0 AND quantity - backordered < 0
    WHEN 'receipt' THEN quantity >= 0 AND backordered <= 0 AND quantity - backordered > 0
    WHEN 'cancellation' THEN quantity >= 0 AND backordered <= 0 AND quantity - backordered > 0
    ELSE backordered <= 0 AND (quantity <> 0 OR backordered <> 0) END);
