CREATE TABLE customers (
  id            uuid PRIMARY KEY,
  -- Normalised (trimmed, lower case) before it is stored or compared.
  email         text NOT NULL CONSTRAINT customers_email_key UNIQUE CHECK (email = lower(email)),
  -- PHC string with its own salt and parameters.
  password_hash text NOT NULL,
  name          text,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now()
);

-- A login on one device. Each refresh replaces token_hash: a token that names the session but is not the current one
-- has been used before, which ends the session. Ended sessions are deleted.
CREATE TABLE customer_sessions (
  id           uuid PRIMARY KEY,
  customer_id  uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
  token_hash   bytea NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz NOT NULL
);
CREATE INDEX customer_sessions_customer ON customer_sessions (customer_id, created_at);

-- Folded from the session layer, newest version wins. No foreign key: a fold must never fail on a customer deleted since.
CREATE TABLE customer_preferences (
  customer_id uuid PRIMARY KEY,
  version     bigint NOT NULL,
  document    jsonb NOT NULL,
  updated_at  timestamptz NOT NULL DEFAULT now()
);
