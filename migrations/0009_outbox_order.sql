-- Events with the same key are delivered one after another, in the order in which they were written.
ALTER TABLE outbox ADD COLUMN ordering_key text;
CREATE INDEX outbox_ordering ON outbox (ordering_key, id) WHERE ordering_key IS NOT NULL;
CREATE INDEX outbox_dead ON outbox (id) WHERE dead;
