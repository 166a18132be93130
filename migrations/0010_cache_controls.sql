-- What operators have switched, by category of cached data. Without a row a category works as its policy says.
CREATE TABLE cache_controls (
  category          text PRIMARY KEY,
  memory            boolean NOT NULL DEFAULT true,
  redis             boolean NOT NULL DEFAULT true,
  serve_stale_ms    integer NOT NULL DEFAULT 0 CHECK (serve_stale_ms BETWEEN 0 AND 86400000),
  redis_write_share double precision NOT NULL DEFAULT 1 CHECK (redis_write_share BETWEEN 0 AND 1),
  changed_at        timestamptz NOT NULL DEFAULT now()
);
