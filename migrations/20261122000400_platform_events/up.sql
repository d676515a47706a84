-- Following the events of a tenant.

-- Where the events that are listed begin and end: numbers of the oldest and newest. Without
-- any, the oldest is one more than the newest. Events are listed for 30 days.
--
-- Numbers have no gaps and times follow them, so the first one within the 30 days is found by
-- halving, and a change pays for no index. Stable: all statements see the same.
CREATE FUNCTION platform.event_window(OUT oldest bigint, OUT newest bigint)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  tenant constant bigint := platform.current_tenant();
  horizon constant timestamptz := now() - interval '30 days';
  beyond bigint;
  middle bigint;
BEGIN
  SELECT h.sequence INTO newest FROM platform.event_heads h WHERE h.tenant_id = tenant;
  newest := COALESCE(newest, 0);
  SELECT min(e.sequence) INTO oldest FROM platform.events e WHERE e.tenant_id = tenant;
  oldest := COALESCE(oldest, newest + 1);
  -- Most tenants have nothing that old.
  IF EXISTS (SELECT FROM platform.events e
    WHERE e.tenant_id = tenant AND e.sequence = oldest AND e.occurred_at >= horizon)
  THEN
    RETURN;
  END IF;
  beyond := newest + 1;
  WHILE oldest < beyond LOOP
    middle := (oldest + beyond) / 2;
    IF EXISTS (SELECT FROM platform.events e
      WHERE e.tenant_id = tenant AND e.sequence = middle AND e.occurred_at >= horizon)
    THEN
      beyond := middle;
    ELSE
      oldest := middle + 1;
    END IF;
  END LOOP;
END
$$;
