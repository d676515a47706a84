DROP TABLE cleaning.tenant_leads;
