-- What a user is in the family: tokens say it, so that nobody has to look it up.

-- Id of the client or cleaner, by the role. No foreign key: it leads to a table of the family.
ALTER TABLE platform.users ADD COLUMN profile_id bigint;
UPDATE platform.users u SET profile_id = c.id
FROM cleaning.clients c WHERE (c.tenant_id, c.user_id) = (u.tenant_id, u.id);
UPDATE platform.users u SET profile_id = c.id
FROM cleaning.cleaners c WHERE (c.tenant_id, c.user_id) = (u.tenant_id, u.id);

-- Here and not in the program, so that a server of the version before does it as well.
CREATE FUNCTION cleaning.keep_profile() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE platform.users SET profile_id = NEW.id
  WHERE (tenant_id, id) = (NEW.tenant_id, NEW.user_id);
  RETURN NULL;
END
$$;
CREATE TRIGGER keep_profile AFTER INSERT OR UPDATE OF user_id ON cleaning.clients
  FOR EACH ROW EXECUTE FUNCTION cleaning.keep_profile();
CREATE TRIGGER keep_profile AFTER INSERT OR UPDATE OF user_id ON cleaning.cleaners
  FOR EACH ROW EXECUTE FUNCTION cleaning.keep_profile();
