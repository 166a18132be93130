-- An order is captured soon after it was placed: room for it in its page (as in 0029).
ALTER TABLE orders SET (fillfactor = 75);
