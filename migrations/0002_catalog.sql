-- The catalogue. Every change, also one made with plain SQL, grows products.version and writes outbox events that name
-- the cache tags it makes void (src/catalog/catalog-tags.ts has the same names).

CREATE TABLE products (
  id               uuid PRIMARY KEY,
  handle           text NOT NULL CONSTRAINT products_handle_unique UNIQUE CHECK (handle <> ''),
  title            text NOT NULL CHECK (title <> ''),
  -- The shop's own HTML, kept and served as given.
  description_html text NOT NULL DEFAULT '',
  vendor           text NOT NULL DEFAULT '',
  type             text NOT NULL DEFAULT '',
  tags             text[] NOT NULL DEFAULT '{}',
  status           text NOT NULL DEFAULT 'draft' CHECK (status IN ('published', 'draft')),
  seo_title        text,
  seo_description  text,
  version          bigint NOT NULL DEFAULT 1,
  -- Milliseconds are what cursors carry.
  created_at       timestamptz(3) NOT NULL DEFAULT now(),
  updated_at       timestamptz(3) NOT NULL DEFAULT now(),
  search           tsvector NOT NULL
);
CREATE INDEX products_newest ON products (created_at DESC, id DESC) WHERE status = 'published';
-- The first characters are enough to sort by, and keep cursors short.
CREATE INDEX products_by_title ON products ((left(lower(title), 64) COLLATE "C"), id) WHERE status = 'published';
CREATE INDEX products_by_vendor ON products (vendor, created_at DESC, id DESC) WHERE status = 'published';
CREATE INDEX products_by_type ON products (type, created_at DESC, id DESC) WHERE status = 'published';
CREATE INDEX products_tags ON products USING gin (tags);
CREATE INDEX products_search ON products USING gin (search);

CREATE TABLE product_options (
  product_id uuid NOT NULL REFERENCES products ON DELETE CASCADE,
  position   integer NOT NULL CHECK (position BETWEEN 1 AND 3),
  name       text NOT NULL,
  PRIMARY KEY (product_id, position)
);

CREATE TABLE variants (
  id                uuid PRIMARY KEY,
  product_id        uuid NOT NULL REFERENCES products ON DELETE CASCADE,
  position          integer NOT NULL,
  title             text NOT NULL,
  sku               text,
  option_values     text[] NOT NULL CHECK (cardinality(option_values) BETWEEN 1 AND 3),
  grams             integer CHECK (grams >= 0),
  barcode           text,
  requires_shipping boolean NOT NULL DEFAULT true,
  taxable           boolean NOT NULL DEFAULT true,
  image_url         text,
  -- A variant that is no longer offered keeps its row: orders, stock movements and holds refer to it.
  retired_at        timestamptz(3),
  CONSTRAINT variants_options_unique UNIQUE (product_id, option_values)
);
CREATE UNIQUE INDEX variants_sku_unique ON variants (sku) WHERE retired_at IS NULL;

CREATE TABLE variant_prices (
  variant_id       uuid NOT NULL REFERENCES variants ON DELETE CASCADE,
  currency         text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  amount_minor     bigint NOT NULL CHECK (amount_minor BETWEEN 0 AND 1000000000000),
  compare_at_minor bigint CHECK (compare_at_minor BETWEEN 0 AND 1000000000000),
  PRIMARY KEY (variant_id, currency)
);

CREATE TABLE product_images (
  product_id uuid NOT NULL REFERENCES products ON DELETE CASCADE,
  position   integer NOT NULL,
  url        text NOT NULL,
  alt        text,
  PRIMARY KEY (product_id, position)
);

CREATE TABLE collections (
  id               uuid PRIMARY KEY,
  handle           text NOT NULL CONSTRAINT collections_handle_unique UNIQUE CHECK (handle <> ''),
  title            text NOT NULL CHECK (title <> ''),
  description_html text NOT NULL DEFAULT '',
  created_at       timestamptz(3) NOT NULL DEFAULT now(),
  updated_at       timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX collections_by_title ON collections ((left(lower(title), 64) COLLATE "C"), id);

CREATE TABLE collection_products (
  collection_id uuid NOT NULL REFERENCES collections ON DELETE CASCADE,
  product_id    uuid NOT NULL REFERENCES products ON DELETE CASCADE,
  position      integer NOT NULL,
  PRIMARY KEY (collection_id, product_id)
);
CREATE INDEX collection_products_in_order ON collection_products (collection_id, position, product_id);
CREATE INDEX collection_products_by_product ON collection_products (product_id);

-- Lowest and highest price of what a product offers, kept by triggers: lists sort and filter by it.
CREATE TABLE product_price_ranges (
  product_id uuid NOT NULL REFERENCES products ON DELETE CASCADE,
  currency   text NOT NULL,
  min_minor  bigint NOT NULL,
  max_minor  bigint NOT NULL,
  PRIMARY KEY (product_id, currency)
);
CREATE INDEX product_price_ranges_in_order ON product_price_ranges (currency, min_minor, product_id);

-- Imports of product files, with their progress and their report.
CREATE TABLE import_jobs (
  id           uuid PRIMARY KEY,
  state        text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
  source_name  text,
  total_bytes  bigint NOT NULL,
  read_bytes   bigint NOT NULL DEFAULT 0,
  report       jsonb NOT NULL,
  error        text,
  created_at   timestamptz NOT NULL DEFAULT now(),
  -- The running process writes it every few seconds; an old one tells that the process died.
  heartbeat_at timestamptz NOT NULL DEFAULT now(),
  finished_at  timestamptz
);
CREATE INDEX import_jobs_running ON import_jobs (state) WHERE state = 'running';

-- Handles that the running import has met. One import runs at a time; what a crash leaves is emptied by the next.
CREATE UNLOGGED TABLE import_seen_handles (
  handle text PRIMARY KEY
);

-- Versions -----------------------------------------------------------------------------------------------------------

CREATE FUNCTION catalog_grow_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := OLD.version + 1;
  NEW.updated_at := now();
  RETURN NEW;
END $$;
CREATE TRIGGER products_grow_version BEFORE UPDATE ON products
  FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION catalog_grow_version();

CREATE FUNCTION catalog_index_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.search := to_tsvector('simple', concat_ws(' ', NEW.title, NEW.vendor, array_to_string(NEW.tags, ' ')));
  RETURN NEW;
END $$;
CREATE TRIGGER products_index_words BEFORE INSERT OR UPDATE OF title, vendor, tags, search ON products
  FOR EACH ROW EXECUTE FUNCTION catalog_index_words();

-- Grows the version of products whose child rows changed. The UPDATE fires the trigger that emits their tags, so a
-- product written earlier in this transaction (its xmin) has its new version and its tags already.
-- Locked in one order, so that two writers of the same products cannot deadlock.
CREATE FUNCTION catalog_touch_products(ids uuid[]) RETURNS void LANGUAGE sql AS $$
  UPDATE products SET version = version + 1 WHERE id IN (
    SELECT id FROM products WHERE id = ANY (ids) AND xmin <> pg_current_xact_id()::xid ORDER BY id FOR NO KEY UPDATE
  );
$$;

-- Invalidation -------------------------------------------------------------------------------------------------------

-- Writes outbox events of at most 200 tags each.
CREATE FUNCTION catalog_emit(tags text[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO outbox (event, payload)
  SELECT 'catalog.changed', jsonb_build_object('tags', jsonb_agg(tag ORDER BY place))
  FROM (
    SELECT tag, row_number() OVER (ORDER BY tag) - 1 AS place FROM (SELECT DISTINCT unnest(tags) AS tag) AS each_once
  ) AS numbered
  GROUP BY place / 200;
$$;

-- A statement over more products than this voids everything at once instead of naming each.
CREATE FUNCTION catalog_too_many(affected bigint) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT affected > 1000 $$;

CREATE FUNCTION catalog_products_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  affected bigint;
  names text[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT count(*), array_agg('product:' || id) || array_agg('product-handle:' || handle) INTO affected, names
    FROM new_rows;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT count(*), array_agg('product:' || id) || array_agg('product-handle:' || handle) INTO affected, names
    FROM old_rows;
  ELSE
    SELECT count(*),
           array_agg('product:' || n.id)
             || coalesce(array_agg('product-handle:' || n.handle) FILTER (WHERE n.handle <> o.handle), '{}')
             || coalesce(array_agg('product-handle:' || o.handle) FILTER (WHERE n.handle <> o.handle), '{}')
             || coalesce((
                  SELECT array_agg(DISTINCT 'collection-products:' || m.collection_id)
                  FROM collection_products m JOIN new_rows c ON c.id = m.product_id
                ), '{}')
    INTO affected, names
    FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.version <> o.version;
  END IF;
  IF catalog_too_many(affected) THEN
    PERFORM catalog_emit(ARRAY['catalog:all']);
  ELSIF affected > 0 THEN
    PERFORM catalog_emit(names || 'products'::text);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER products_inserted AFTER INSERT ON products
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION catalog_products_changed();
CREATE TRIGGER products_updated AFTER UPDATE ON products
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION catalog_products_changed();
CREATE TRIGGER products_deleted AFTER DELETE ON products
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION catalog_products_changed();

CREATE FUNCTION catalog_collections_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  names text[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg('collection:' || id) || array_agg('collection-handle:' || handle) INTO names FROM new_rows;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg('collection:' || id) || array_agg('collection-handle:' || handle) INTO names FROM old_rows;
  ELSE
    SELECT array_agg('collection:' || n.id) || array_agg('collection-handle:' || n.handle)
             || array_agg('collection-handle:' || o.handle)
    INTO names FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n IS DISTINCT FROM o;
  END IF;
  IF cardinality(names) > 2000 THEN
    PERFORM catalog_emit(ARRAY['catalog:all']);
  ELSIF names IS NOT NULL THEN
    PERFORM catalog_emit(names || 'collections'::text);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER collections_inserted AFTER INSERT ON collections
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION catalog_collections_changed();
CREATE TRIGGER collections_updated AFTER UPDATE ON collections
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_collections_changed();
CREATE TRIGGER collections_deleted AFTER DELETE ON collections
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION catalog_collections_changed();

-- Child rows ---------------------------------------------------------------------------------------------------------
-- Ranges are computed in a statement after the products are locked, so that of two writers the later sees both changes.
CREATE FUNCTION catalog_refresh_price_ranges(ids uuid[]) RETURNS void LANGUAGE sql AS $$
  WITH fresh AS (
    SELECT v.product_id, p.currency, min(p.amount_minor) AS min_minor, max(p.amount_minor) AS max_minor
    FROM variants v JOIN variant_prices p ON p.variant_id = v.id
    WHERE v.product_id = ANY (ids) AND v.retired_at IS NULL
    GROUP BY v.product_id, p.currency
  ), gone AS (
    DELETE FROM product_price_ranges r WHERE r.product_id = ANY (ids)
      AND NOT EXISTS (SELECT FROM fresh f WHERE f.product_id = r.product_id AND f.currency = r.currency)
  )
  INSERT INTO product_price_ranges AS r (product_id, currency, min_minor, max_minor)
  SELECT product_id, currency, min_minor, max_minor FROM fresh
  ON CONFLICT (product_id, currency) DO UPDATE SET min_minor = excluded.min_minor, max_minor = excluded.max_minor
  WHERE (r.min_minor, r.max_minor) IS DISTINCT FROM (excluded.min_minor, excluded.max_minor);
$$;

-- The transition tables are read into one list of product ids; rows that an UPDATE left as they were do not count.
CREATE FUNCTION catalog_children_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  ids uuid[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(DISTINCT product_id) INTO ids FROM new_rows;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(DISTINCT product_id) INTO ids FROM old_rows;
  ELSE
    SELECT array_agg(DISTINCT product_id) INTO ids FROM (
      (SELECT * FROM new_rows EXCEPT SELECT * FROM old_rows) UNION ALL
      (SELECT * FROM old_rows EXCEPT SELECT * FROM new_rows)
    ) AS differing;
  END IF;
  IF ids IS NULL THEN RETURN NULL; END IF;
  PERFORM catalog_touch_products(ids);
  IF TG_TABLE_NAME = 'variants' AND TG_OP <> 'INSERT' THEN
    PERFORM catalog_refresh_price_ranges(ids);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER product_options_inserted AFTER INSERT ON product_options
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION catalog_children_changed();
CREATE TRIGGER product_options_updated AFTER UPDATE ON product_options
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION catalog_children_changed();
CREATE TRIGGER product_options_deleted AFTER DELETE ON product_options
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION catalog_children_changed();

CREATE TRIGGER variants_inserted AFTER INSERT ON variants
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION catalog_children_changed();
CREATE TRIGGER variants_updated AFTER UPDATE ON variants
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION catalog_children_changed();
CREATE TRIGGER variants_deleted AFTER DELETE ON variants
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION catalog_children_changed();

CREATE TRIGGER product_images_inserted AFTER INSERT ON product_images
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION catalog_children_changed();
CREATE TRIGGER product_images_updated AFTER UPDATE ON product_images
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION catalog_children_changed();
CREATE TRIGGER product_images_deleted AFTER DELETE ON product_images
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION catalog_children_changed();

-- The prices of a deleted variant are gone before their variant can be looked up; the trigger of variants sees to those.
CREATE FUNCTION catalog_prices_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  ids uuid[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(DISTINCT v.product_id) INTO ids FROM new_rows r JOIN variants v ON v.id = r.variant_id;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(DISTINCT v.product_id) INTO ids FROM old_rows r JOIN variants v ON v.id = r.variant_id;
  ELSE
    SELECT array_agg(DISTINCT v.product_id) INTO ids FROM (
      (SELECT * FROM new_rows EXCEPT SELECT * FROM old_rows) UNION ALL
      (SELECT * FROM old_rows EXCEPT SELECT * FROM new_rows)
    ) AS differing JOIN variants v ON v.id = differing.variant_id;
  END IF;
  IF ids IS NOT NULL THEN
    PERFORM catalog_touch_products(ids);
    PERFORM catalog_refresh_price_ranges(ids);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER variant_prices_inserted AFTER INSERT ON variant_prices
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION catalog_prices_changed();
CREATE TRIGGER variant_prices_updated AFTER UPDATE ON variant_prices
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION catalog_prices_changed();
CREATE TRIGGER variant_prices_deleted AFTER DELETE ON variant_prices
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION catalog_prices_changed();

-- Joining or leaving a collection changes the product (it names its collections) and the list of the collection.
CREATE FUNCTION catalog_memberships_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  ids uuid[];
  lists uuid[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(DISTINCT product_id), array_agg(DISTINCT collection_id) INTO ids, lists FROM new_rows;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(DISTINCT product_id), array_agg(DISTINCT collection_id) INTO ids, lists FROM old_rows;
  ELSE
    SELECT array_agg(DISTINCT product_id), array_agg(DISTINCT collection_id) INTO ids, lists FROM (
      (SELECT * FROM new_rows EXCEPT SELECT * FROM old_rows) UNION ALL
      (SELECT * FROM old_rows EXCEPT SELECT * FROM new_rows)
    ) AS differing;
  END IF;
  IF ids IS NULL THEN RETURN NULL; END IF;
  PERFORM catalog_touch_products(ids);
  PERFORM catalog_emit((SELECT array_agg('collection-products:' || list) FROM unnest(lists) AS list));
  RETURN NULL;
END $$;
CREATE TRIGGER collection_products_inserted AFTER INSERT ON collection_products
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION catalog_memberships_changed();
CREATE TRIGGER collection_products_updated AFTER UPDATE ON collection_products
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_memberships_changed();
CREATE TRIGGER collection_products_deleted AFTER DELETE ON collection_products
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION catalog_memberships_changed();

-- TRUNCATE fires no other trigger.
CREATE FUNCTION catalog_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM catalog_emit(ARRAY['catalog:all']);
  RETURN NULL;
END $$;
CREATE TRIGGER products_emptied AFTER TRUNCATE ON products FOR EACH STATEMENT EXECUTE FUNCTION catalog_emptied();
CREATE TRIGGER product_options_emptied AFTER TRUNCATE ON product_options FOR EACH STATEMENT EXECUTE FUNCTION catalog_emptied();
CREATE TRIGGER variants_emptied AFTER TRUNCATE ON variants FOR EACH STATEMENT EXECUTE FUNCTION catalog_emptied();
CREATE TRIGGER variant_prices_emptied AFTER TRUNCATE ON variant_prices FOR EACH STATEMENT EXECUTE FUNCTION catalog_emptied();
CREATE TRIGGER product_images_emptied AFTER TRUNCATE ON product_images FOR EACH STATEMENT EXECUTE FUNCTION catalog_emptied();
CREATE TRIGGER collections_emptied AFTER TRUNCATE ON collections FOR EACH STATEMENT EXECUTE FUNCTION catalog_emptied();
CREATE TRIGGER collection_products_emptied AFTER TRUNCATE ON collection_products FOR EACH STATEMENT EXECUTE FUNCTION catalog_emptied();
