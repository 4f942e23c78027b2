CREATE TABLE IF NOT EXISTS {schema}.outbound_targets (
  number INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  settings MEDIUMTEXT NOT NULL,
  secret VARBINARY(4096) NOT NULL,
  domain_numbers MEDIUMTEXT NULL,
  enabled TINYINT UNSIGNED NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  created BIGINT NOT NULL,
  modified BIGINT NOT NULL,
  UNIQUE KEY outbound_target_name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.outbound_pending (
  target INT UNSIGNED NOT NULL,
  resource_id BINARY(16) NOT NULL,
  generation BIGINT UNSIGNED NOT NULL,
  state TINYINT UNSIGNED NOT NULL,
  due BIGINT NOT NULL,
  lease BINARY(16) NULL,
  attempts INT UNSIGNED NOT NULL,
  status SMALLINT UNSIGNED NULL,
  detail VARCHAR(1000) NULL,
  created BIGINT NOT NULL,
  PRIMARY KEY (target, resource_id),
  KEY outbound_due (target, due),
  KEY outbound_state (state, target)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.outbound_links (
  target INT UNSIGNED NOT NULL,
  resource_id BINARY(16) NOT NULL,
  kind TINYINT UNSIGNED NOT NULL,
  remote_id VARCHAR(255) NOT NULL,
  state TINYINT UNSIGNED NOT NULL,
  digest BINARY(32) NOT NULL,
  attributes VARCHAR(2000) NOT NULL,
  sent BIGINT NOT NULL,
  PRIMARY KEY (target, resource_id),
  UNIQUE KEY outbound_link_remote (target, kind, remote_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.outbound_members (
  target INT UNSIGNED NOT NULL,
  group_id BINARY(16) NOT NULL,
  user_id BINARY(16) NOT NULL,
  remote_id VARCHAR(255) NOT NULL,
  PRIMARY KEY (target, group_id, user_id),
  KEY outbound_member_user (target, user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
