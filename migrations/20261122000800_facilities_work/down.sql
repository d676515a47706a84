DROP VIEW facilities.issue_summaries;
CREATE VIEW facilities.issue_summaries WITH (security_invoker = true) AS
SELECT s.tenant_id, s.id, s.name, s.description, s.category, s.reporter_id,
  r.name AS reporter_name, m.name AS issue_manager_name, s.urgent, s.property_users_involved,
  s.status, s.created_at, s.updated_at, s.user_reference_id, s.rejection_comment,
  s.rating, s.rating_comment, s.rating_type, b.name AS rated_by_name, s.rated_at,
  n.id AS property_unit_id, n.floor, COALESCE(n.address, p.address) AS address,
  (SELECT to_jsonb(t) FROM facilities.property_unit_type_details t
    WHERE t.tenant_id = n.tenant_id AND t.id = n.property_unit_type_id) AS property_unit_type,
  jsonb_build_object('id', p.id, 'name', p.name,
    'property_type', (SELECT to_jsonb(t) FROM facilities.property_type_details t
      WHERE t.tenant_id = p.tenant_id AND t.id = p.property_type_id)) AS property
FROM facilities.issues s
JOIN facilities.property_units n ON n.tenant_id = s.tenant_id AND n.id = s.property_unit_id
JOIN facilities.properties p ON p.tenant_id = n.tenant_id AND p.id = n.property_id
JOIN facilities.users r ON r.tenant_id = s.tenant_id AND r.id = s.reporter_id
LEFT JOIN facilities.users m
  ON m.tenant_id = s.tenant_id AND m.id = COALESCE(s.issue_manager_id, n.issue_manager_id, n.manager_id)
LEFT JOIN facilities.users b ON b.tenant_id = s.tenant_id AND b.id = s.rated_by;

DROP TABLE facilities.issue_settings;
DROP TABLE facilities.issue_comments;
ALTER TABLE facilities.issues
  DROP COLUMN rated_provider_id,
  DROP COLUMN rated_manager_id,
  DROP COLUMN status_changed_at,
  DROP COLUMN held_from;
