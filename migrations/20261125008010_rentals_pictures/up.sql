-- The picture of a business and those of the categories of its items.
ALTER TABLE rentals.owners
  ADD COLUMN avatar_file_id bigint,
  -- A file in use is never deleted.
  ADD CONSTRAINT owners_avatar_file_fkey FOREIGN KEY (tenant_id, avatar_file_id)
    REFERENCES platform.files (tenant_id, id);
CREATE INDEX owners_avatar_file_idx ON rentals.owners (tenant_id, avatar_file_id);

ALTER TABLE rentals.item_categories
  ADD COLUMN file_id bigint,
  ADD CONSTRAINT item_categories_file_fkey FOREIGN KEY (tenant_id, file_id)
    REFERENCES platform.files (tenant_id, id);
CREATE INDEX item_categories_file_idx ON rentals.item_categories (tenant_id, file_id);
CREATE TRIGGER item_categories_release_file AFTER DELETE ON rentals.item_categories
  FOR EACH ROW WHEN (OLD.file_id IS NOT NULL) EXECUTE FUNCTION platform.release_file();

CREATE OR REPLACE VIEW rentals.businesses WITH (security_invoker = true) AS
SELECT t.tenant_id, o.name, o.company_name, o.phone_number,
  COALESCE(o.phone_verified, false) AS phone_verified,
  COALESCE(o.language, 1::smallint) AS language,
  COALESCE(o.time_zone, 'Europe/Lisbon') AS time_zone,
  COALESCE(o.country, 'PT') AS country,
  COALESCE(o.currency, 'EUR') AS currency,
  COALESCE(o.tax_name, 'IVA') AS tax_name,
  COALESCE(o.default_tax_rate, 23) AS default_tax_rate,
  o.business_category_id, o.website, o.store_slug, o.onboarded_at, o.created_at, o.updated_at,
  (SELECT platform.shown_file(f) FROM platform.files f
    WHERE f.tenant_id = o.tenant_id AND f.id = o.avatar_file_id) AS avatar
FROM (SELECT platform.current_tenant() AS tenant_id) t
LEFT JOIN rentals.owners o ON o.tenant_id = t.tenant_id;

CREATE OR REPLACE VIEW rentals.item_category_tree WITH (security_invoker = true) AS
WITH RECURSIVE tree AS (
  SELECT tenant_id, id, parent_id, name, description, show_in_store, position, created_at,
    updated_at, file_id, 1 AS depth, ARRAY[name] AS path, ARRAY[id] AS within,
    ARRAY[position] AS place
  FROM rentals.item_categories
  WHERE parent_id IS NULL
  UNION ALL
  SELECT c.tenant_id, c.id, c.parent_id, c.name, c.description, c.show_in_store, c.position,
    c.created_at, c.updated_at, c.file_id, t.depth + 1, t.path || c.name, t.within || c.id,
    t.place || c.position
  FROM tree t
  JOIN rentals.item_categories c ON c.tenant_id = t.tenant_id AND c.parent_id = t.id
), counts AS (
  SELECT t.tenant_id, a.id, count(*) AS items_count
  FROM rentals.items i
  JOIN tree t ON t.tenant_id = i.tenant_id AND t.id = i.item_category_id
  CROSS JOIN LATERAL unnest(t.within) AS a (id)
  WHERE i.deleted_at IS NULL
  GROUP BY t.tenant_id, a.id
)
SELECT t.tenant_id, t.id, t.parent_id, t.name, t.description, t.show_in_store, t.position, t.depth,
  t.path, t.within, t.place, COALESCE(n.items_count, 0) AS items_count, t.created_at, t.updated_at,
  (SELECT platform.shown_file(f) FROM platform.files f
    WHERE f.tenant_id = t.tenant_id AND f.id = t.file_id) AS photo
FROM tree t
LEFT JOIN counts n ON n.tenant_id = t.tenant_id AND n.id = t.id;
