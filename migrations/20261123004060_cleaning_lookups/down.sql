DROP FUNCTION cleaning.seed_lookups();
DROP TABLE cleaning.churn_reasons;
DROP TABLE cleaning.lead_sources;
