DROP FUNCTION cleaning.monthly_value;
