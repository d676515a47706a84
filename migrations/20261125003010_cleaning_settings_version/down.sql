DROP TRIGGER touch_company ON cleaning.settings;
DROP FUNCTION cleaning.touch_company();
