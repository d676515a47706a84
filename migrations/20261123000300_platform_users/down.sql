DROP TABLE platform.sessions;
DROP TABLE platform.users;
ALTER TABLE platform.tenants DROP COLUMN family;
