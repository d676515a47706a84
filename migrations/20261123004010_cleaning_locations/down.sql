DROP TABLE cleaning.zip_codes;
DROP TABLE cleaning.tenant_locations;
