-- The most wanted keys of each category and hour: what a process is warmed with when it starts, and what is wanted at an
-- hour of the day on other days. One row an hour and category, deleted after eight days.
CREATE TABLE cache_hot_keys (
  category    text NOT NULL,
  hour        timestamptz NOT NULL,
  -- The most wanted first; weights are shares of all accesses to the keys listed.
  keys        text[] NOT NULL CHECK (cardinality(keys) BETWEEN 1 AND 1000),
  weights     double precision[] NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (category, hour),
  CHECK (cardinality(keys) = cardinality(weights))
);

-- Warm-ups: what they load and how far they are, so that another process can go on with one whose process died.
CREATE TABLE cache_warm_ups (
  id          uuid PRIMARY KEY,
  category    text NOT NULL,
  source      text NOT NULL CHECK (source IN ('list', 'popular', 'predicted', 'expiring')),
  state       text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'failed')),
  -- Steps of keys, in their order; emptied at the end.
  plan        jsonb NOT NULL,
  total       integer NOT NULL CHECK (total >= 0),
  done        integer NOT NULL DEFAULT 0 CHECK (done BETWEEN 0 AND total),
  failed      integer NOT NULL DEFAULT 0 CHECK (failed BETWEEN 0 AND done),
  -- Token of the process that works on it: an earlier one cannot write any more.
  fence       bigint NOT NULL DEFAULT 0,
  started_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  error       text,
  CHECK ((state = 'running') = (finished_at IS NULL))
);

CREATE UNIQUE INDEX cache_warm_ups_running ON cache_warm_ups (category, source) WHERE state = 'running';
CREATE INDEX cache_warm_ups_started ON cache_warm_ups (started_at);
