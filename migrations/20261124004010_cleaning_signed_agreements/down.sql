DROP TABLE cleaning.signed_agreements;
DROP FUNCTION cleaning.keep_signature();
