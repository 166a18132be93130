-- Events on their way out. Written in the transaction of the change, deleted when every subscriber has taken them.
CREATE TABLE outbox (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event        text NOT NULL,
  payload      jsonb NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  available_at timestamptz NOT NULL DEFAULT now(),
  attempts     integer NOT NULL DEFAULT 0,
  last_error   text,
  dead         boolean NOT NULL DEFAULT false
);
-- The table is a queue: nearly empty at rest, so its index must not bloat and its statistics must not mislead.
CREATE INDEX outbox_due ON outbox (available_at, id) WHERE NOT dead;
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- The answers of requests that must not be carried out twice.
CREATE TABLE idempotency_keys (
  scope        text NOT NULL,
  key          text NOT NULL,
  request_hash bytea NOT NULL,
  -- Absent while the first request is running.
  status       integer,
  -- json, not jsonb: a repeated answer has its members in the same order.
  response     json,
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);

-- Keys of administrators; only their hash is kept.
CREATE TABLE api_keys (
  id           uuid PRIMARY KEY,
  name         text NOT NULL,
  key_hash     bytea NOT NULL UNIQUE,
  scopes       text[] NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  revoked_at   timestamptz
);

-- Documents that could not be folded into their table, for a person to look at.
CREATE TABLE write_behind_dead_letters (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind        text NOT NULL,
  document_id text NOT NULL,
  version     bigint NOT NULL,
  document    jsonb,
  error       text NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now()
);
