-- An attempt changes three times within a second. PostgreSQL updates a row in its page (HOT), without an entry in each
-- index, only while no column that an index names has another value, those of its predicate included. So indexes name what
-- changes once or never, and rows have room beside them (ADR 26).

-- First the indexes: what follows writes the table anew, and would write them too.
DROP INDEX payment_attempts_one_live;
DROP INDEX payment_attempts_unsettled;
DROP INDEX payment_attempts_review;

ALTER TABLE payment_attempts
  -- Its checkout cannot be paid again: 0023 says when.
  ADD is_live boolean GENERATED ALWAYS AS (state IN ('paying', 'authorized', 'placed', 'captured')
    OR (state = 'review' AND review ->> 'of' IS DISTINCT FROM 'voiding')) STORED,
  -- Recovery looks after it. A placed one may wait for a bank transfer for ever, and has its place in the outbox.
  ADD is_under_way boolean GENERATED ALWAYS AS (state IN ('paying', 'authorized', 'voiding')) STORED,
  ADD is_in_review boolean GENERATED ALWAYS AS (state = 'review') STORED,
  SET (fillfactor = 60);

CREATE UNIQUE INDEX payment_attempts_one_live ON payment_attempts (checkout_id) WHERE is_live;
CREATE INDEX payment_attempts_under_way ON payment_attempts (created_at) WHERE is_under_way;
CREATE INDEX payment_attempts_in_review ON payment_attempts (id) WHERE is_in_review;
