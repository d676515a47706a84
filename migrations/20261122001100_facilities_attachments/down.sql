DROP VIEW facilities.property_unit_details;
CREATE VIEW facilities.property_unit_details WITH (security_invoker = true) AS
SELECT n.tenant_id, n.id, n.property_id, n.custom_unit_id, n.floor, n.contract_start,
  n.contract_end, n.additional_note, n.is_common_space, n.is_active,
  n.address IS NULL AS has_property_address,
  COALESCE(n.address, p.address) AS address,
  n.manager_id,
  n.owner_id,
  facilities.unit_person(o) AS owner,
  (SELECT facilities.unit_person(m) FROM facilities.users m
    WHERE m.tenant_id = n.tenant_id AND m.id = n.manager_id) AS manager,
  (SELECT facilities.unit_person(m) FROM facilities.users m
    WHERE m.tenant_id = n.tenant_id AND m.id = COALESCE(n.issue_manager_id, n.manager_id))
    AS issue_manager,
  (SELECT jsonb_build_object('id', c.id, 'name', c.name, 'invoice_email', c.invoice_email,
      'max_mandate_amount', c.max_mandate_amount::text, 'attention_to', c.attention_to,
      'country_code', c.country_code, 'phone_number', c.phone_number)
    FROM facilities.owner_companies c
    WHERE c.tenant_id = n.tenant_id AND c.id = n.owner_company_id) AS owner_company,
  COALESCE((SELECT jsonb_agg(facilities.unit_person(u)
      || jsonb_build_object('is_main_contact', a.is_main_contact) ORDER BY u.id)
    FROM facilities.property_unit_users a
    JOIN facilities.users u ON u.tenant_id = a.tenant_id AND u.id = a.user_id
    WHERE a.tenant_id = n.tenant_id AND a.property_unit_id = n.id), '[]') AS property_users,
  (SELECT to_jsonb(t) FROM facilities.property_unit_type_details t
    WHERE t.tenant_id = n.tenant_id AND t.id = n.property_unit_type_id) AS property_unit_type,
  jsonb_build_object('id', p.id, 'name', p.name,
    'property_type', (SELECT to_jsonb(t) FROM facilities.property_type_details t
      WHERE t.tenant_id = p.tenant_id AND t.id = p.property_type_id)) AS property
FROM facilities.property_units n
JOIN facilities.properties p ON p.tenant_id = n.tenant_id AND p.id = n.property_id
JOIN facilities.users o ON o.tenant_id = n.tenant_id AND o.id = n.owner_id;

DROP VIEW facilities.service_provider_details;
CREATE VIEW facilities.service_provider_details WITH (security_invoker = true) AS
SELECT u.tenant_id, u.id, u.status, u.email, u.name, u.company_name, u.country_code,
  u.phone_number, u.external_reference_id, u.additional_note, u.address, u.rating_sum,
  u.rating_count,
  COALESCE((SELECT jsonb_agg(jsonb_build_object('id', t.id, 'name', t.name) ORDER BY t.id)
    FROM facilities.service_provider_tags s
    JOIN facilities.tags t ON t.tenant_id = s.tenant_id AND t.id = s.tag_id
    WHERE s.tenant_id = u.tenant_id AND s.user_id = u.id), '[]') AS tags,
  (SELECT count(*) FROM facilities.issues i
    WHERE i.tenant_id = u.tenant_id AND i.service_provider_id = u.id
      AND i.status NOT IN (6, 7)) AS active_issues
FROM facilities.users u WHERE u.role = 3;

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
      WHERE t.tenant_id = p.tenant_id AND t.id = p.property_type_id)) AS property,
  (SELECT CASE WHEN s.urgent THEN e.urgent_response_minutes ELSE e.response_minutes END
    FROM facilities.issue_settings e WHERE e.tenant_id = s.tenant_id) AS response_minutes,
  m.id AS issue_manager_id,
  s.service_provider_id,
  (SELECT v.name FROM facilities.users v
    WHERE v.tenant_id = s.tenant_id AND v.id = s.service_provider_id) AS service_provider_name,
  (SELECT count(*) FROM facilities.issue_comments c
    WHERE c.tenant_id = s.tenant_id AND c.issue_id = s.id) AS comments
FROM facilities.issues s
JOIN facilities.property_units n ON n.tenant_id = s.tenant_id AND n.id = s.property_unit_id
JOIN facilities.properties p ON p.tenant_id = n.tenant_id AND p.id = n.property_id
JOIN facilities.users r ON r.tenant_id = s.tenant_id AND r.id = s.reporter_id
LEFT JOIN facilities.users m
  ON m.tenant_id = s.tenant_id AND m.id = COALESCE(s.issue_manager_id, n.issue_manager_id, n.manager_id)
LEFT JOIN facilities.users b ON b.tenant_id = s.tenant_id AND b.id = s.rated_by;

DROP FUNCTION facilities.shown_attachment;
DROP VIEW facilities.attachment_details;
DROP TABLE facilities.attachments;
DROP FUNCTION platform.release_file;
