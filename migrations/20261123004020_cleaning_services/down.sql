DROP VIEW cleaning.counted_tenant_locations;
DROP VIEW cleaning.priced_extra_rates;
DROP VIEW cleaning.priced_rates;
DROP TABLE cleaning.extra_rates;
DROP FUNCTION cleaning.touch_service();
DROP TABLE cleaning.rates;
DROP TABLE cleaning.services;
