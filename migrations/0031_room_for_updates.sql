-- Rows that are updated once, soon after they were written: room for it in their page (as in 0029).
ALTER TABLE idempotency_keys SET (fillfactor = 80); -- the answer is written into the row of its key
ALTER TABLE orders SET (fillfactor = 90); -- captured
