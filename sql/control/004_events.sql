CREATE TABLE IF NOT EXISTS {schema}.event_streams (
  number INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  settings MEDIUMTEXT NOT NULL,
  domain_numbers MEDIUMTEXT NULL,
  authorization_value VARBINARY(4000) NULL,
  signing_secret VARBINARY(255) NULL,
  version BIGINT UNSIGNED NOT NULL,
  created BIGINT NOT NULL,
  modified BIGINT NOT NULL,
  UNIQUE KEY event_stream_name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.event_stream_progress (
  stream_number INT UNSIGNED NOT NULL PRIMARY KEY,
  due BIGINT NOT NULL,
  lease BINARY(16) NULL,
  failures INT UNSIGNED NOT NULL,
  last_success BIGINT NULL,
  last_failure BIGINT NULL,
  last_error VARCHAR(1000) NULL,
  dropped BIGINT UNSIGNED NOT NULL,
  KEY event_stream_due (due)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.event_turn (
  singleton TINYINT UNSIGNED NOT NULL PRIMARY KEY
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
INSERT IGNORE INTO {schema}.event_turn (singleton) VALUES (1)
--;
CREATE TABLE IF NOT EXISTS {schema}.event_outbox (
  seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  occurred BIGINT NOT NULL,
  kinds TINYINT UNSIGNED NOT NULL,
  domain_number SMALLINT UNSIGNED NOT NULL,
  resource_id BINARY(16) NOT NULL,
  version BIGINT UNSIGNED NULL,
  external_id VARCHAR(1000) NULL,
  attributes MEDIUMTEXT NULL,
  correlation_id VARCHAR(64) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.event_deliveries (
  seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  stream_number INT UNSIGNED NOT NULL,
  event_id BINARY(16) NOT NULL,
  txn BINARY(16) NOT NULL,
  state TINYINT UNSIGNED NOT NULL,
  attempts SMALLINT UNSIGNED NOT NULL,
  occurred BIGINT NOT NULL,
  kinds TINYINT UNSIGNED NOT NULL,
  domain_number SMALLINT UNSIGNED NOT NULL,
  resource_id BINARY(16) NOT NULL,
  version BIGINT UNSIGNED NULL,
  external_id VARCHAR(1000) NULL,
  attributes MEDIUMTEXT NULL,
  correlation_id VARCHAR(64) NOT NULL,
  code VARCHAR(64) NULL,
  detail VARCHAR(1000) NULL,
  UNIQUE KEY event_delivery_event (stream_number, event_id),
  KEY event_delivery_turn (stream_number, state, seq),
  KEY event_delivery_time (occurred)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.event_keys (
  number INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  secret BINARY(32) NOT NULL,
  created BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
