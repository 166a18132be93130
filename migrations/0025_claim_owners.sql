-- Which request has claimed a key outside a transaction: one that was taken over cannot give the claim of the other back.
ALTER TABLE idempotency_keys ADD COLUMN owner uuid;
