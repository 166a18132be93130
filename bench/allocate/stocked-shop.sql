-- A shop with 10,000 variants to sell and with orders already there: PostgreSQL plans by the statistics of its tables.
INSERT INTO products (id, handle, title, status, search)
  SELECT md5('product ' || n)::uuid, 'thing-' || n, 'Thing ' || n, 'published', '' FROM generate_series(1, 10000) n;
INSERT INTO variants (id, product_id, position, title, sku, option_values)
  SELECT md5('variant ' || n)::uuid, md5('product ' || n)::uuid, 1, 'Default Title', 'T-' || n, '{Default Title}'
  FROM generate_series(1, 10000) n;
INSERT INTO variant_prices (variant_id, currency, amount_minor) SELECT id, 'USD', 1999 FROM variants;
INSERT INTO inventory_levels (variant_id, location_id, on_hand)
  SELECT id, '00000000-0000-4000-8000-000000000001', 1000000000 FROM variants;
INSERT INTO stock_movements (variant_id, location_id, kind, quantity, reason, level_version)
  SELECT variant_id, location_id, 'receipt', on_hand, 'bench', version FROM inventory_levels;

INSERT INTO orders (id, checkout_id, cart_id, state, currency, subtotal_minor, discount_minor, shipping_minor, tax_minor,
    total_minor, tax_inclusive, rule_set_version, discounts, access_token_hash)
  SELECT md5(n::text)::uuid, md5(n::text)::uuid, md5(n::text)::uuid, 'captured', 'USD', 1999, 0, 0, 0, 1999, false, 0, '[]', ''
  FROM generate_series(1, 20000) n;
INSERT INTO order_lines (order_id, position, variant_id, product_id, title, quantity, unit_price_minor, discount_minor,
    tax_minor, total_minor)
  SELECT id, 0, id, id, 'Thing', 1, 1999, 0, 0, 1999 FROM orders;
INSERT INTO payment_attempts (id, checkout_id, cart_id, order_id, provider, amount_minor, currency, state, agreement,
    idempotency_scope, idempotency_key)
  SELECT id, id, id, id, 'test', 1999, 'USD', 'captured', '{}', 'bench', id::text FROM orders;
INSERT INTO idempotency_keys (scope, key, request_hash, status, response) SELECT 'bench', id::text, '', 201, '{}' FROM orders;
INSERT INTO checkout_sessions (id, version, state, cart_id, document) SELECT id, 1, 'captured', id, '{}' FROM orders;
TRUNCATE outbox;
ANALYZE;
