-- The units of an owner are listed by the id of the owner too.
CREATE OR REPLACE VIEW facilities.property_unit_summaries WITH (security_invoker = true) AS
SELECT n.tenant_id, n.id, n.property_id, n.custom_unit_id, n.floor, n.contract_end,
  n.additional_note, n.is_common_space, n.is_active,
  COALESCE(n.address, p.address) AS address,
  (SELECT to_jsonb(t) FROM facilities.property_unit_type_details t
    WHERE t.tenant_id = n.tenant_id AND t.id = n.property_unit_type_id) AS property_unit_type,
  CASE WHEN c.id IS NOT NULL THEN facilities.unit_person(c) END AS main_contact,
  n.manager_id,
  m.name AS manager_name,
  COALESCE(i.name, m.name) AS issue_manager_name,
  o.name AS owner_name,
  oc.name AS owner_company_name,
  platform.fold_text(n.custom_unit_id || E'\x1f'
    || facilities.address_text(COALESCE(n.address, p.address)) || E'\x1f'
    || COALESCE(c.name, '') || E'\x1f' || o.name || E'\x1f' || COALESCE(oc.name, '')) AS search,
  n.owner_id
FROM facilities.property_units n
JOIN facilities.properties p ON p.tenant_id = n.tenant_id AND p.id = n.property_id
JOIN facilities.users o ON o.tenant_id = n.tenant_id AND o.id = n.owner_id
LEFT JOIN facilities.owner_companies oc
  ON oc.tenant_id = n.tenant_id AND oc.id = n.owner_company_id
LEFT JOIN facilities.users m ON m.tenant_id = n.tenant_id AND m.id = n.manager_id
LEFT JOIN facilities.users i ON i.tenant_id = n.tenant_id AND i.id = n.issue_manager_id
LEFT JOIN facilities.property_unit_users a
  ON a.tenant_id = n.tenant_id AND a.property_unit_id = n.id AND a.is_main_contact
LEFT JOIN facilities.users c ON c.tenant_id = a.tenant_id AND c.id = a.user_id;
