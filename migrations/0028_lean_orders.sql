-- What placing an order writes: one index less for each movement, no look-up for each line.

-- In the order in which placing locks them: the other way round, a shop that is selling meanwhile makes this a deadlock.
LOCK TABLE orders, order_lines, stock_movements IN ACCESS EXCLUSIVE MODE;

-- A movement is named by its level and the version that it made; a number of its own named it a second time.
ALTER TABLE stock_movements
  DROP COLUMN id,
  DROP CONSTRAINT stock_movements_by_level,
  ADD CONSTRAINT stock_movements_by_level PRIMARY KEY (variant_id, location_id, level_version);

-- Lines are written in the transaction of their order and never again, and orders are never deleted (ADR 23).
ALTER TABLE order_lines DROP CONSTRAINT order_lines_order_id_fkey;
