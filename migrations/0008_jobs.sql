-- When each scheduled job ran last, in whichever process.
CREATE TABLE job_runs (
  name        text PRIMARY KEY,
  started_at  timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  -- Absent while it runs; what went wrong when it failed.
  outcome     text CHECK (outcome IN ('done', 'failed')),
  error       text
);
