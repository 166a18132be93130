-- The least that an order can be in PostgreSQL: one function call that takes stock and writes the order, its line and its
-- event, with the columns, constraints and indexes that keep the same promises.
CREATE TABLE bare_levels (
  variant_id uuid PRIMARY KEY,
  on_hand    integer NOT NULL CHECK (on_hand >= 0),
  version    bigint NOT NULL DEFAULT 1
) WITH (fillfactor = 80);
CREATE TABLE bare_movements (
  variant_id    uuid NOT NULL,
  order_id      uuid NOT NULL,
  quantity      integer NOT NULL,
  level_version bigint NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (variant_id, level_version)
);
CREATE TABLE bare_orders (
  id          uuid PRIMARY KEY,
  cart_id     uuid NOT NULL UNIQUE,
  email       text NOT NULL,
  total_minor bigint NOT NULL,
  address     jsonb NOT NULL,
  placed_at   timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE bare_lines (
  order_id   uuid NOT NULL,
  position   integer NOT NULL,
  variant_id uuid NOT NULL,
  quantity   integer NOT NULL,
  PRIMARY KEY (order_id, position)
);
CREATE TABLE bare_outbox (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payload jsonb NOT NULL
);
-- Filled and analysed, as the tables of a shop are.
INSERT INTO bare_levels (variant_id, on_hand)
  SELECT md5(n::text)::uuid, 1000000000 FROM generate_series(1, 10000) n;
INSERT INTO bare_orders (id, cart_id, email, total_minor, address)
  SELECT md5(n::text)::uuid, md5(n::text)::uuid, '', 0, '{}' FROM generate_series(1, 20000) n;
INSERT INTO bare_lines SELECT id, 1, id, 1 FROM bare_orders;
ANALYZE;

CREATE FUNCTION bare_place(order_id uuid, cart_id uuid, variant uuid, wanted integer, address jsonb) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  new_version bigint;
BEGIN
  UPDATE bare_levels SET on_hand = on_hand - wanted, version = version + 1
    WHERE variant_id = variant AND on_hand >= wanted RETURNING version INTO new_version;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO bare_movements (variant_id, order_id, quantity, level_version) VALUES (variant, order_id, -wanted, new_version);
  INSERT INTO bare_orders (id, cart_id, email, total_minor, address) VALUES (order_id, cart_id, 'ada@example.com', 1999, address);
  INSERT INTO bare_lines VALUES (order_id, 1, variant, wanted);
  INSERT INTO bare_outbox (payload) VALUES (jsonb_build_object('orderId', order_id));
  RETURN true;
END $$;
