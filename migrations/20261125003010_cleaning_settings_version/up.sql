-- A company and how it works are shown together, so they have one version: that of the company,
-- which counts changes of its settings too.
CREATE FUNCTION cleaning.touch_company() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE cleaning.tenants SET version = version + 1 WHERE tenant_id = NEW.tenant_id;
  RETURN NULL;
END
$$;
CREATE TRIGGER touch_company AFTER UPDATE ON cleaning.settings
  FOR EACH ROW WHEN (NEW IS DISTINCT FROM OLD) EXECUTE FUNCTION cleaning.touch_company();
