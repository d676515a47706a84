-- What imports find properties by.
CREATE INDEX properties_custom_property_id_idx
  ON facilities.properties (tenant_id, custom_property_id);
