-- A job may find nothing to do, and may say in a sentence what it did.
ALTER TABLE job_runs
  ADD COLUMN note text,
  DROP CONSTRAINT job_runs_outcome_check,
  ADD CONSTRAINT job_runs_outcome_check CHECK (outcome IN ('done', 'skipped', 'failed'));
