-- Whose change is told already. Until now a product whose row was written in this transaction counted as told (its xmin);
-- but an UPDATE that leaves a row as it was writes it too, and tells nobody: what changed at its children afterwards was
-- told by nobody. Now a row says which transaction its version is of. A savepoint that is rolled back takes that back
-- together with its events.

ALTER TABLE products ADD COLUMN version_of xid8 NOT NULL DEFAULT pg_current_xact_id();

CREATE OR REPLACE FUNCTION catalog_grow_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := OLD.version + 1;
  NEW.version_of := pg_current_xact_id();
  NEW.updated_at := now();
  RETURN NEW;
END $$;

-- Grows the version of products whose child rows changed; the UPDATE fires the trigger that emits their tags. What has a
-- version of this transaction has emitted them. The time is compared as well: a dump brings numbers of transactions of
-- another server along, and one day this one will reach them.
-- Locked in one order, so that two writers of the same products cannot deadlock.
CREATE OR REPLACE FUNCTION catalog_touch_products(ids uuid[]) RETURNS void LANGUAGE sql AS $$
  UPDATE products SET version = version + 1 WHERE id IN (
    SELECT id FROM products
    WHERE id = ANY (ids) AND (version_of <> pg_current_xact_id() OR updated_at <> now()::timestamptz(3))
    ORDER BY id FOR NO KEY UPDATE
  );
$$;
