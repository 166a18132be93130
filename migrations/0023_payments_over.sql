-- A payment whose money could not be given back waits for a person; the customer may pay again meanwhile, as while it is
-- given back. Only one whose order is placed keeps its checkout.
DROP INDEX payment_attempts_one_live;
CREATE UNIQUE INDEX payment_attempts_one_live ON payment_attempts (checkout_id)
  WHERE state IN ('paying', 'authorized', 'placed', 'captured')
    OR (state = 'review' AND review ->> 'of' IS DISTINCT FROM 'voiding');
