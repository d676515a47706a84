-- Work that is done after the commit of the change that asked for it, and work that recurs.

-- A job that waits, runs or was given up; one that was done is gone.
CREATE TABLE platform.jobs (
  -- 0 for the work of the platform itself, which belongs to no tenant; hence no foreign key.
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  kind text NOT NULL,
  payload jsonb NOT NULL,
  -- While a job with a key waits or runs, the same key asks for nothing more.
  dedup_key text,
  state text NOT NULL DEFAULT 'queued',
  -- When a worker may take it: when it is to run, or, while it runs, when its lease ends.
  due_at timestamptz NOT NULL DEFAULT now(),
  -- How many times it was begun. Whoever runs it holds this number, so that a worker that lost
  -- its lease changes nothing any more.
  attempt integer NOT NULL DEFAULT 0,
  -- Why the last attempt failed, for operators.
  last_error text,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT jobs_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT jobs_tenant_check CHECK (tenant_id >= 0),
  CONSTRAINT jobs_state_check CHECK (state IN ('queued', 'running', 'dead'))
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX jobs_dedup_key ON platform.jobs (tenant_id, kind, dedup_key)
  WHERE state <> 'dead';
CREATE INDEX jobs_due_idx ON platform.jobs (kind, due_at) WHERE state <> 'dead';
CREATE INDEX jobs_dead_idx ON platform.jobs (due_at) WHERE state = 'dead';

ALTER TABLE platform.jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform.jobs FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_isolation ON platform.jobs
  USING (tenant_id = platform.current_tenant())
  WITH CHECK (tenant_id = platform.current_tenant());

-- A worker takes jobs of all tenants; it then does each as its tenant.
CREATE POLICY jobs_worker ON platform.jobs
  USING (current_setting('steward.worker', true) = 'on')
  WITH CHECK (current_setting('steward.worker', true) = 'on');

-- The times at which recurring jobs were queued: whichever server writes the row queues the
-- job. They belong to no tenant.
CREATE TABLE platform.job_slots (
  kind text NOT NULL,
  slot timestamptz NOT NULL,
  CONSTRAINT job_slots_pkey PRIMARY KEY (kind, slot)
);
