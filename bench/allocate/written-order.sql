-- What an order of one line writes, all of it in the shop's own tables: one call takes the stock and writes order, line,
-- movement and event. Amounts are given, as they are to the shop's own statements.
CREATE FUNCTION bench_write_order(new_order json, line json) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  new_id uuid := (new_order ->> 'id')::uuid;
  variant uuid := (line ->> 'variantId')::uuid;
  wanted integer := (line ->> 'quantity')::integer;
  new_version bigint;
BEGIN
  INSERT INTO orders (id, checkout_id, cart_id, email, state, currency, subtotal_minor, discount_minor, shipping_minor,
      tax_minor, total_minor, tax_inclusive, rule_set_version, discounts, shipping_address, access_token_hash)
    VALUES (new_id, (new_order ->> 'checkoutId')::uuid, (new_order ->> 'cartId')::uuid, new_order ->> 'email', 'placed',
      new_order ->> 'currency', (new_order ->> 'subtotalMinor')::bigint, (new_order ->> 'discountMinor')::bigint,
      (new_order ->> 'shippingMinor')::bigint, (new_order ->> 'taxMinor')::bigint, (new_order ->> 'totalMinor')::bigint,
      false, (new_order ->> 'ruleSetVersion')::integer, (new_order -> 'discounts')::jsonb,
      (new_order -> 'shippingAddress')::jsonb, sha256(new_id::text::bytea));
  INSERT INTO order_lines (order_id, position, variant_id, product_id, sku, title, quantity, unit_price_minor,
      discount_minor, tax_minor, total_minor)
    VALUES (new_id, 0, variant, (line ->> 'productId')::uuid, line ->> 'sku', line ->> 'title', wanted,
      (line ->> 'unitPriceMinor')::bigint, (line ->> 'discountMinor')::bigint, (line ->> 'taxMinor')::bigint,
      (line ->> 'totalMinor')::bigint);
  INSERT INTO outbox (event, payload, ordering_key)
    VALUES ('order.placed', jsonb_build_object('orderId', new_id, 'attemptId', new_id, 'checkoutId',
      new_order ->> 'checkoutId', 'cartId', new_order ->> 'cartId'), 'order:' || new_id);
  UPDATE inventory_levels SET on_hand = on_hand - wanted, version = version + 1, updated_at = now()
    WHERE variant_id = variant AND location_id = '00000000-0000-4000-8000-000000000001' AND on_hand - safety_stock >= wanted
    RETURNING version INTO new_version;
  IF NOT FOUND THEN RAISE EXCEPTION 'out of stock'; END IF;
  INSERT INTO stock_movements (variant_id, location_id, kind, quantity, order_id, level_version)
    VALUES (variant, '00000000-0000-4000-8000-000000000001', 'allocation', -wanted, new_id, new_version);
  RETURN true;
END $$;
