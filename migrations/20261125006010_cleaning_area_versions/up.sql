-- An area shows how many zip codes, services and active cleaners it has, so another number makes a
-- new version of the area. What is made together with the area belongs to its first version.
CREATE FUNCTION cleaning.touch_areas() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE cleaning.tenant_locations l SET version = l.version + 1
  FROM (SELECT DISTINCT tenant_id, tenant_location_id FROM changed) c
  WHERE l.tenant_id = c.tenant_id AND l.id = c.tenant_location_id AND l.created_at <> now();
  RETURN NULL;
END
$$;
CREATE TRIGGER touch_areas_insert AFTER INSERT ON cleaning.zip_codes
  REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION cleaning.touch_areas();
CREATE TRIGGER touch_areas_insert AFTER INSERT ON cleaning.services
  REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION cleaning.touch_areas();
CREATE TRIGGER touch_areas_insert AFTER INSERT ON cleaning.cleaner_areas
  REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION cleaning.touch_areas();
CREATE TRIGGER touch_areas_delete AFTER DELETE ON cleaning.cleaner_areas
  REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION cleaning.touch_areas();

CREATE FUNCTION cleaning.touch_areas_of_zip_codes() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE cleaning.tenant_locations l SET version = l.version + 1
  FROM (
    SELECT DISTINCT n.tenant_id, unnest(ARRAY[o.tenant_location_id, n.tenant_location_id]) AS id
    FROM changed_from o JOIN changed_to n USING (tenant_id, id)
    WHERE o.tenant_location_id <> n.tenant_location_id
      OR (o.deleted_at IS NULL) <> (n.deleted_at IS NULL)
  ) c
  WHERE l.tenant_id = c.tenant_id AND l.id = c.id AND l.created_at <> now();
  RETURN NULL;
END
$$;
CREATE TRIGGER touch_areas_update AFTER UPDATE ON cleaning.zip_codes
  REFERENCING OLD TABLE AS changed_from NEW TABLE AS changed_to
  FOR EACH STATEMENT EXECUTE FUNCTION cleaning.touch_areas_of_zip_codes();

CREATE FUNCTION cleaning.touch_areas_of_services() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE cleaning.tenant_locations l SET version = l.version + 1
  FROM (
    SELECT DISTINCT n.tenant_id, unnest(ARRAY[o.tenant_location_id, n.tenant_location_id]) AS id
    FROM changed_from o JOIN changed_to n USING (tenant_id, id)
    WHERE o.tenant_location_id IS DISTINCT FROM n.tenant_location_id
  ) c
  WHERE l.tenant_id = c.tenant_id AND l.id = c.id AND l.created_at <> now();
  RETURN NULL;
END
$$;
CREATE TRIGGER touch_areas_update AFTER UPDATE ON cleaning.services
  REFERENCING OLD TABLE AS changed_from NEW TABLE AS changed_to
  FOR EACH STATEMENT EXECUTE FUNCTION cleaning.touch_areas_of_services();

CREATE FUNCTION cleaning.touch_areas_of_cleaners() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE cleaning.tenant_locations l SET version = l.version + 1
  FROM (
    SELECT DISTINCT a.tenant_id, a.tenant_location_id
    FROM changed_from o JOIN changed_to n USING (tenant_id, id)
    JOIN cleaning.cleaner_areas a ON a.tenant_id = n.tenant_id AND a.cleaner_id = n.id
    WHERE (o.status = 4 AND o.deleted_at IS NULL) <> (n.status = 4 AND n.deleted_at IS NULL)
  ) c
  WHERE l.tenant_id = c.tenant_id AND l.id = c.tenant_location_id AND l.created_at <> now();
  RETURN NULL;
END
$$;
CREATE TRIGGER touch_areas_update AFTER UPDATE ON cleaning.cleaners
  REFERENCING OLD TABLE AS changed_from NEW TABLE AS changed_to
  FOR EACH STATEMENT EXECUTE FUNCTION cleaning.touch_areas_of_cleaners();
