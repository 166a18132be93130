-- What placing the order of a paid checkout writes, all of it in the shop's own tables: one call for one order of one line.
-- States are compared as `state || ''`, so that rows are found by their ids and never by a partial index of a state.
CREATE FUNCTION bench_place_order(attempt_id uuid, own_fence integer, answer json) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  attempt payment_attempts;
  quote jsonb;
  line jsonb;
  new_version bigint;
BEGIN
  UPDATE payment_attempts SET state = 'placed', updated_at = now()
    WHERE id = attempt_id AND fence = own_fence AND state || '' = 'authorized' RETURNING * INTO attempt;
  IF NOT FOUND THEN RETURN false; END IF;
  quote := attempt.agreement -> 'quote';
  line := quote -> 'lines' -> 0;
  PERFORM FROM variants v JOIN products p ON p.id = v.product_id JOIN variant_prices vp ON vp.variant_id = v.id
    WHERE v.id = (line ->> 'variantId')::uuid AND v.retired_at IS NULL AND p.status = 'published'
      AND vp.currency = attempt.currency AND vp.amount_minor = (line ->> 'unitPriceMinor')::bigint;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO orders (id, checkout_id, cart_id, email, state, currency, subtotal_minor, discount_minor, shipping_minor,
      tax_minor, total_minor, tax_inclusive, rule_set_version, discounts, shipping_address, access_token_hash)
    VALUES (attempt.order_id, attempt.checkout_id, attempt.cart_id, attempt.agreement ->> 'email', 'placed', attempt.currency,
      (quote ->> 'subtotalMinor')::bigint, (quote ->> 'discountMinor')::bigint, (quote ->> 'shippingMinor')::bigint,
      (quote ->> 'taxMinor')::bigint, (quote ->> 'totalMinor')::bigint, false, (quote ->> 'ruleSetVersion')::integer,
      quote -> 'discounts', attempt.agreement -> 'shippingAddress', sha256(attempt.order_id::text::bytea));
  INSERT INTO order_lines (order_id, position, variant_id, product_id, sku, title, quantity, unit_price_minor,
      discount_minor, tax_minor, total_minor)
    VALUES (attempt.order_id, 0, (line ->> 'variantId')::uuid, (line ->> 'productId')::uuid, line ->> 'sku',
      line ->> 'title', (line ->> 'quantity')::integer, (line ->> 'unitPriceMinor')::bigint,
      (line ->> 'discountMinor')::bigint, (line ->> 'taxMinor')::bigint, (line ->> 'totalMinor')::bigint);
  INSERT INTO outbox (event, payload, ordering_key)
    VALUES ('order.placed', jsonb_build_object('orderId', attempt.order_id, 'attemptId', attempt.id,
      'checkoutId', attempt.checkout_id, 'cartId', attempt.cart_id), 'order:' || attempt.order_id);
  UPDATE idempotency_keys SET status = 201, response = answer
    WHERE scope = attempt.idempotency_scope AND key = attempt.idempotency_key AND status IS NULL;
  UPDATE checkout_sessions SET version = version + 1, state = 'placed', updated_at = now(),
      document = document || jsonb_build_object('version', version + 1, 'state', 'placed', 'orderId', attempt.order_id)
    WHERE id = attempt.checkout_id AND state || '' = 'paying' AND document ->> 'attemptId' = attempt.id::text;
  UPDATE inventory_levels SET on_hand = on_hand - (line ->> 'quantity')::integer, version = version + 1, updated_at = now()
    WHERE variant_id = (line ->> 'variantId')::uuid AND location_id = '00000000-0000-4000-8000-000000000001'
      AND on_hand - safety_stock >= (line ->> 'quantity')::integer
    RETURNING version INTO new_version;
  IF NOT FOUND THEN RAISE EXCEPTION 'out of stock'; END IF;
  INSERT INTO stock_movements (variant_id, location_id, kind, quantity, order_id, level_version)
    VALUES ((line ->> 'variantId')::uuid, '00000000-0000-4000-8000-000000000001', 'allocation',
      -(line ->> 'quantity')::integer, attempt.order_id, new_version);
  RETURN true;
END $$;
