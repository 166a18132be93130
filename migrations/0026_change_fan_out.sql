-- One bound for what a change may name, the same as `cacheLimits.maxTagsOfChange`: a statement that makes more tags void
-- voids everything of the catalogue instead. Handles of collections are named when they begin or cease to name one.
-- The tags are those of src/catalog/catalog-dependencies.ts, and the bound that of src/cache/cache-policy.ts.

-- Writes outbox events of at most 200 tags each.
CREATE OR REPLACE FUNCTION catalog_emit(tags text[]) RETURNS void LANGUAGE sql AS $$
  WITH each_once AS (SELECT DISTINCT unnest(tags) AS tag),
  named AS (
    SELECT tag FROM each_once WHERE (SELECT count(*) FROM each_once) <= 2000
    UNION ALL SELECT 'catalog:all' WHERE (SELECT count(*) FROM each_once) > 2000
  ), numbered AS (SELECT tag, row_number() OVER (ORDER BY tag) - 1 AS place FROM named)
  INSERT INTO outbox (event, payload)
  SELECT 'catalog.changed', jsonb_build_object('tags', jsonb_agg(tag ORDER BY place)) FROM numbered
  GROUP BY place / 200;
$$;

CREATE OR REPLACE FUNCTION catalog_products_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  names text[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg('product:' || id) || array_agg('product-handle:' || handle) INTO names FROM new_rows;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg('product:' || id) || array_agg('product-handle:' || handle) INTO names FROM old_rows;
  ELSE
    SELECT array_agg('product:' || n.id)
             || coalesce(array_agg('product-handle:' || n.handle) FILTER (WHERE n.handle <> o.handle), '{}')
             || coalesce(array_agg('product-handle:' || o.handle) FILTER (WHERE n.handle <> o.handle), '{}')
             || coalesce((
                  SELECT array_agg(DISTINCT 'collection-products:' || m.collection_id)
                  FROM collection_products m JOIN new_rows c ON c.id = m.product_id
                ), '{}')
    INTO names
    FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.version <> o.version;
  END IF;
  IF cardinality(names) > 0 THEN PERFORM catalog_emit(names || 'products'::text); END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION catalog_collections_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  names text[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg('collection:' || id) || array_agg('collection-handle:' || handle) INTO names FROM new_rows;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg('collection:' || id) || array_agg('collection-handle:' || handle) INTO names FROM old_rows;
  ELSE
    SELECT array_agg('collection:' || n.id)
             || coalesce(array_agg('collection-handle:' || n.handle) FILTER (WHERE n.handle <> o.handle), '{}')
             || coalesce(array_agg('collection-handle:' || o.handle) FILTER (WHERE n.handle <> o.handle), '{}')
    INTO names FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n IS DISTINCT FROM o;
  END IF;
  IF cardinality(names) > 0 THEN PERFORM catalog_emit(names || 'collections'::text); END IF;
  RETURN NULL;
END $$;

DROP FUNCTION catalog_too_many(bigint);

-- Also a version that was activated with plain SQL is noticed by every process.
CREATE FUNCTION discounts_activated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO outbox (event, payload)
  VALUES ('discounts.activated', jsonb_build_object('version', NEW.active_version));
  RETURN NULL;
END $$;
CREATE TRIGGER discount_state_activated AFTER UPDATE OF active_version ON discount_state
  FOR EACH ROW WHEN (OLD.active_version IS DISTINCT FROM NEW.active_version) EXECUTE FUNCTION discounts_activated();
