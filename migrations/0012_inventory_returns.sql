-- What an order gave back is looked up by its id.
CREATE INDEX stock_movements_cancellations ON stock_movements (order_id) WHERE kind = 'cancellation';

-- One event names many variants.
UPDATE outbox SET payload = jsonb_build_object('variantIds', jsonb_build_array(payload -> 'variantId'))
WHERE event = 'inventory.level-changed';
