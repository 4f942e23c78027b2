ALTER TABLE {schema}.event_keys MODIFY secret VARBINARY(255) NOT NULL
--;
ALTER TABLE {schema}.event_streams
  MODIFY authorization_value VARBINARY(4096) NULL,
  MODIFY signing_secret VARBINARY(512) NULL
--;
ALTER TABLE {schema}.outbound_targets MODIFY secret VARBINARY(4352) NOT NULL
