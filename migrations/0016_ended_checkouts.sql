-- A checkout that can still be paid is `reserved`; the other states are those of its payment. What expires and what is
-- purged is found without walking over all that became orders, and orders cost one index less.
DROP INDEX checkout_sessions_unpaid;
DROP INDEX checkout_sessions_updated_at;
CREATE INDEX checkout_sessions_reserved ON checkout_sessions (updated_at) WHERE state = 'reserved';
CREATE INDEX checkout_sessions_ended ON checkout_sessions (updated_at) WHERE state IN ('expired', 'cancelled');
