-- Lanes: jobs of one kind, tenant and lane run one at a time, so that a slow one delays nothing
-- but its own lane. Within a lane, those of one subject run in the order of their ids: one that
-- will be tried again holds up what follows for its subject, and nothing else.
ALTER TABLE platform.jobs
  ADD COLUMN lane text NOT NULL DEFAULT '',
  ADD COLUMN subject text,
  -- Whether a worker has found an earlier job of the subject, whose end lets this one go. So
  -- those that wait behind others cost nothing each time somebody looks for work.
  ADD COLUMN waits boolean NOT NULL DEFAULT false;
CREATE INDEX jobs_lanes_idx ON platform.jobs (kind, tenant_id, lane, due_at, id)
  WHERE state <> 'dead' AND NOT waits;
CREATE INDEX jobs_running_idx ON platform.jobs (kind, tenant_id, lane) WHERE state = 'running';
CREATE INDEX jobs_subjects_idx ON platform.jobs (tenant_id, kind, lane, subject, id)
  WHERE state <> 'dead' AND subject IS NOT NULL;

-- Takes due jobs of a kind that has lanes: at most one of each lane and `share` of a tenant run at
-- once, on all servers together, and at most `room` are taken. Each tenant has its turn before
-- one has its second; chance decides among lanes, so that none is always the last.
--
-- A lane costs a look into an index, however many jobs wait in it. Each statement sees what was
-- committed before it, so who holds the lock of a tenant knows what runs for it. The settings keep
-- plans that were made while the table was empty from reading all of it.
CREATE FUNCTION platform.claim_in_lanes(wanted text, room bigint, share bigint, lease interval)
RETURNS SETOF platform.jobs LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
  due record;
  job platform.jobs;
BEGIN
  FOR due IN
    WITH RECURSIVE heads AS (
      (SELECT j.tenant_id, j.lane, j.due_at FROM platform.jobs j
       WHERE j.kind = wanted AND j.state <> 'dead' AND NOT j.waits
       ORDER BY j.tenant_id, j.lane, j.due_at LIMIT 1)
      UNION ALL
      SELECT n.tenant_id, n.lane, n.due_at FROM heads h CROSS JOIN LATERAL (
        SELECT j.tenant_id, j.lane, j.due_at FROM platform.jobs j
        WHERE j.kind = wanted AND j.state <> 'dead' AND NOT j.waits
          AND (j.tenant_id, j.lane) > (h.tenant_id, h.lane)
        ORDER BY j.tenant_id, j.lane, j.due_at LIMIT 1) n
    )
    SELECT h.tenant_id, h.lane FROM heads h WHERE h.due_at <= now()
    ORDER BY row_number() OVER (PARTITION BY h.tenant_id ORDER BY random()), random()
  LOOP
    EXIT WHEN room <= 0;
    CONTINUE WHEN NOT pg_try_advisory_xact_lock(hashtextextended(
      concat_ws(E'\x1f', 'lanes', wanted, due.tenant_id), 0));
    CONTINUE WHEN EXISTS (SELECT FROM platform.jobs j
      WHERE j.kind = wanted AND j.tenant_id = due.tenant_id AND j.lane = due.lane
        AND j.state = 'running' AND j.due_at > now());
    CONTINUE WHEN share <= (SELECT count(*) FROM platform.jobs j
      WHERE j.kind = wanted AND j.tenant_id = due.tenant_id AND j.state = 'running'
        AND j.due_at > now());
    FOR look IN 1..100 LOOP
      SELECT j.* INTO job FROM platform.jobs j
        WHERE j.kind = wanted AND j.tenant_id = due.tenant_id AND j.lane = due.lane
          AND j.state <> 'dead' AND NOT j.waits AND j.due_at <= now()
        ORDER BY j.due_at, j.id LIMIT 1 FOR UPDATE SKIP LOCKED;
      EXIT WHEN NOT FOUND;
      -- Whoever ends the earlier job changes this row afterwards, and so waits for this
      -- transaction when it is seen here.
      IF EXISTS (SELECT FROM platform.jobs e
        WHERE e.tenant_id = job.tenant_id AND e.kind = job.kind AND e.lane = job.lane
          AND e.subject = job.subject AND e.state <> 'dead' AND e.id < job.id)
      THEN
        -- With those behind it, which need not be looked at one by one.
        UPDATE platform.jobs j SET waits = true
          WHERE j.tenant_id = job.tenant_id AND j.id = ANY (ARRAY(
            SELECT n.id FROM platform.jobs n
            WHERE n.tenant_id = job.tenant_id AND n.kind = job.kind AND n.lane = job.lane
              AND n.subject = job.subject AND n.state = 'queued' AND n.id >= job.id
            ORDER BY n.id LIMIT 1000 FOR UPDATE SKIP LOCKED));
        -- One that ran elsewhere, and was lost, has to wait as well.
        UPDATE platform.jobs j SET waits = true
          WHERE j.tenant_id = job.tenant_id AND j.id = job.id AND NOT j.waits;
        CONTINUE;
      END IF;
      UPDATE platform.jobs j
        SET state = 'running', attempt = j.attempt + 1, due_at = now() + lease
        WHERE j.tenant_id = job.tenant_id AND j.id = job.id
        RETURNING j.* INTO job;
      RETURN NEXT job;
      room := room - 1;
      EXIT;
    END LOOP;
  END LOOP;
END
$$;

-- Lets the next job of a subject go when one has ended, in whatever way.
CREATE FUNCTION platform.let_next_job_go() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off AS $$
BEGIN
  UPDATE platform.jobs j SET waits = false
  WHERE j.tenant_id = OLD.tenant_id AND j.id = (
    SELECT n.id FROM platform.jobs n
    WHERE n.tenant_id = OLD.tenant_id AND n.kind = OLD.kind AND n.lane = OLD.lane
      AND n.subject = OLD.subject AND n.state <> 'dead'
    ORDER BY n.id LIMIT 1);
  RETURN NULL;
END
$$;
CREATE TRIGGER jobs_deleted_let_next_go AFTER DELETE ON platform.jobs
  FOR EACH ROW WHEN (OLD.subject IS NOT NULL AND OLD.state <> 'dead')
  EXECUTE FUNCTION platform.let_next_job_go();
CREATE TRIGGER jobs_dead_let_next_go AFTER UPDATE OF state ON platform.jobs
  FOR EACH ROW WHEN (OLD.subject IS NOT NULL AND OLD.state <> 'dead' AND NEW.state = 'dead')
  EXECUTE FUNCTION platform.let_next_job_go();

-- As before, with a lane for each endpoint, and the event's resource as the subject.
CREATE OR REPLACE FUNCTION platform.queue_webhooks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  WITH delivery AS (
    INSERT INTO platform.webhook_deliveries (tenant_id, endpoint_id, sequence, event_type)
    SELECT w.tenant_id, w.id, NEW.sequence, NEW.event_type
    FROM platform.webhook_endpoints w
    WHERE w.tenant_id = NEW.tenant_id AND w.active
      AND (w.patterns = '{}' OR NEW.event_type LIKE ANY (w.patterns))
    RETURNING tenant_id, id, endpoint_id
  )
  INSERT INTO platform.jobs (tenant_id, kind, payload, dedup_key, lane, subject)
  SELECT tenant_id, 'webhook.deliver', jsonb_build_object('delivery', id), id::text,
    endpoint_id::text, NEW.resource_type || '/' || NEW.resource_id FROM delivery;
  -- Deliveries are kept as long as events are listed. A few old ones go each time.
  IF FOUND THEN
    DELETE FROM platform.webhook_deliveries d
    WHERE d.tenant_id = NEW.tenant_id AND d.id = ANY (ARRAY(
      SELECT o.id FROM platform.webhook_deliveries o WHERE o.tenant_id = NEW.tenant_id
      ORDER BY o.id LIMIT 20)) AND d.created_at < now() - interval '30 days';
  END IF;
  RETURN NULL;
END
$$;
