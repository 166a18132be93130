-- Who writes carts and preferences now, by shard of the session layer (ADR 17). Even: a server of Redis, which has kept
-- everything since the number was set. Odd: PostgreSQL alone; nothing that Redis has is believed before the next even one.
CREATE TABLE session_epochs (
  shard text PRIMARY KEY,
  epoch bigint NOT NULL CHECK (epoch > 0)
);
INSERT INTO session_epochs (shard, epoch) VALUES ('s0', 1), ('s1', 1), ('s2', 1), ('s3', 1);
