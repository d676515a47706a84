-- Mail is written in Spanish too.
ALTER TABLE facilities.invitations
  DROP CONSTRAINT invitations_language_check,
  ADD CONSTRAINT invitations_language_check CHECK (language IN ('en', 'nl', 'pt', 'es'));
