-- An order takes stock of a variant once, whatever is repeated: also when what it took came from several locations, and would
-- come from others the next time.
ALTER TABLE stock_movements ADD COLUMN part smallint NOT NULL DEFAULT 1;
ALTER TABLE stock_movements DISABLE TRIGGER stock_movements_append_only;
UPDATE stock_movements m SET part = p.part
FROM (SELECT id, row_number() OVER (PARTITION BY order_id, variant_id ORDER BY location_id) AS part
      FROM stock_movements WHERE kind = 'allocation') p
WHERE p.id = m.id AND p.part > 1;
ALTER TABLE stock_movements ENABLE TRIGGER stock_movements_append_only;
DROP INDEX stock_movements_one_allocation;
CREATE UNIQUE INDEX stock_movements_one_allocation ON stock_movements (order_id, variant_id, part) WHERE kind = 'allocation';
