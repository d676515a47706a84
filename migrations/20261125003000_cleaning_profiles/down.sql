DROP TRIGGER keep_profile ON cleaning.cleaners;
DROP TRIGGER keep_profile ON cleaning.clients;
DROP FUNCTION cleaning.keep_profile();
ALTER TABLE platform.users DROP COLUMN profile_id;
