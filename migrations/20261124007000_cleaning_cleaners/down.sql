DROP VIEW cleaning.counted_tenant_locations;
CREATE VIEW cleaning.counted_tenant_locations WITH (security_invoker = true) AS
SELECT l.*,
  (SELECT count(*) FROM cleaning.zip_codes z
   WHERE z.tenant_id = l.tenant_id AND z.tenant_location_id = l.id AND z.deleted_at IS NULL)
    AS zip_code_count,
  (SELECT count(*) FROM cleaning.services s
   WHERE s.tenant_id = l.tenant_id AND s.tenant_location_id = l.id) AS service_count
FROM cleaning.tenant_locations l;
DROP VIEW cleaning.paid_cleaners;
DROP TABLE cleaning.exception_availability;
DROP TABLE cleaning.unavailable_hours;
DROP TABLE cleaning.cleaner_areas;
DROP TABLE cleaning.cleaner_labels;
DROP TABLE cleaning.cleaner_status_log;
DROP TABLE cleaning.cleaners;
DROP FUNCTION cleaning.touch_cleaner();
DROP FUNCTION cleaning.log_cleaner_status();
