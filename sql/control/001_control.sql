CREATE TABLE IF NOT EXISTS {schema}.control_state (
  singleton TINYINT UNSIGNED NOT NULL PRIMARY KEY,
  revision BIGINT UNSIGNED NOT NULL,
  next_domain_number SMALLINT UNSIGNED NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
INSERT IGNORE INTO {schema}.control_state (singleton, revision, next_domain_number) VALUES (1, 1, 1)
--;
CREATE TABLE IF NOT EXISTS {schema}.domains (
  number SMALLINT UNSIGNED NOT NULL PRIMARY KEY,
  name VARCHAR(64) NOT NULL,
  schema_name VARCHAR(64) NOT NULL,
  state VARCHAR(16) NOT NULL,
  description VARCHAR(1000) NOT NULL,
  settings MEDIUMTEXT NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  created BIGINT NOT NULL,
  modified BIGINT NOT NULL,
  UNIQUE KEY domain_name (name),
  UNIQUE KEY domain_schema (schema_name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.attribute_indexes (
  domain_number SMALLINT UNSIGNED NOT NULL,
  kind TINYINT UNSIGNED NOT NULL,
  attribute SMALLINT UNSIGNED NOT NULL,
  meaning BINARY(32) NOT NULL,
  filled_to BIGINT UNSIGNED NULL,
  unsettled_since BIGINT NULL,
  PRIMARY KEY (domain_number, kind, attribute),
  CONSTRAINT attribute_index_of FOREIGN KEY (domain_number) REFERENCES {schema}.domains (number) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.identity_providers (
  number INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  settings MEDIUMTEXT NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  created BIGINT NOT NULL,
  modified BIGINT NOT NULL,
  UNIQUE KEY identity_provider_name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.identity_provider_domains (
  idp_number INT UNSIGNED NOT NULL,
  domain_number SMALLINT UNSIGNED NOT NULL,
  PRIMARY KEY (idp_number, domain_number),
  KEY identity_provider_domain (domain_number),
  CONSTRAINT identity_provider_domain_of FOREIGN KEY (idp_number) REFERENCES {schema}.identity_providers (number)
    ON DELETE CASCADE,
  CONSTRAINT identity_provider_domain_at FOREIGN KEY (domain_number) REFERENCES {schema}.domains (number)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.consent_purposes (
  number INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  settings MEDIUMTEXT NOT NULL,
  terms MEDIUMTEXT NOT NULL,
  version INT UNSIGNED NOT NULL,
  created BIGINT NOT NULL,
  modified BIGINT NOT NULL,
  UNIQUE KEY consent_purpose_name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.consent_purpose_versions (
  number INT UNSIGNED NOT NULL,
  version INT UNSIGNED NOT NULL,
  name VARCHAR(255) NOT NULL,
  settings MEDIUMTEXT NOT NULL,
  terms MEDIUMTEXT NOT NULL,
  changed BIGINT NOT NULL,
  changed_by VARCHAR(300) NOT NULL,
  PRIMARY KEY (number, version),
  UNIQUE KEY consent_purpose_version (name, version)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
INSERT IGNORE INTO {schema}.consent_purposes (number, name, settings, terms, version, created, modified)
VALUES (1, 'DEFAULT', '{"name":"DEFAULT","texts":{"de":{"title":"Benutzerkonto","description":"Ich stimme zu, dass für mich ein Benutzerkonto angelegt wird und dass darin die Angaben gespeichert werden, die mein Anmeldedienst über mich macht."},"en":{"title":"User account","description":"I agree that a user account is made for me and that what my identity provider says about me is stored in it."}},"attributes":[],"onWithdrawal":"disableUser"}', '{"":1}', 1, UNIX_TIMESTAMP() * 1000000, UNIX_TIMESTAMP() * 1000000)
--;
INSERT IGNORE INTO {schema}.consent_purpose_versions (number, version, name, settings, terms, changed, changed_by)
SELECT number, version, name, settings, terms, modified, 'vestibule' FROM {schema}.consent_purposes WHERE number = 1
--;
CREATE TABLE IF NOT EXISTS {schema}.identity_provider_purposes (
  idp_number INT UNSIGNED NOT NULL,
  purpose_number INT UNSIGNED NOT NULL,
  PRIMARY KEY (idp_number, purpose_number),
  KEY identity_provider_purpose (purpose_number),
  CONSTRAINT identity_provider_purpose_of FOREIGN KEY (idp_number) REFERENCES {schema}.identity_providers (number)
    ON DELETE CASCADE,
  CONSTRAINT identity_provider_purpose_at FOREIGN KEY (purpose_number) REFERENCES {schema}.consent_purposes (number)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.consent_decisions (
  user_id BINARY(16) NOT NULL,
  purpose_number INT UNSIGNED NOT NULL,
  attribute VARCHAR(255) NOT NULL,
  version INT UNSIGNED NOT NULL,
  consent TINYINT UNSIGNED NOT NULL,
  receipt_id BINARY(16) NOT NULL,
  decided BIGINT NOT NULL,
  PRIMARY KEY (user_id, purpose_number, attribute)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.consent_receipts (
  id BINARY(16) NOT NULL PRIMARY KEY,
  user_id BINARY(16) NOT NULL,
  domain_number SMALLINT UNSIGNED NOT NULL,
  idp_name VARCHAR(255) NOT NULL,
  document MEDIUMTEXT NOT NULL,
  state TINYINT UNSIGNED NOT NULL,
  created BIGINT NOT NULL,
  revoked BIGINT NULL,
  KEY consent_receipt_user (user_id, created),
  KEY consent_receipt_time (created),
  KEY consent_receipt_domain (domain_number)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.identity_provider_history (
  name VARCHAR(255) NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  settings MEDIUMTEXT NULL,
  changed BIGINT NOT NULL,
  changed_by VARCHAR(300) NOT NULL,
  PRIMARY KEY (name, version)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.api_tokens (
  id BINARY(16) NOT NULL PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  token_sha256 BINARY(32) NOT NULL,
  scopes VARCHAR(255) NOT NULL,
  domain_numbers MEDIUMTEXT NULL,
  created BIGINT NOT NULL,
  expires BIGINT NULL,
  tolerances VARCHAR(1000) NULL,
  user_id BINARY(16) NULL,
  former_sha256 BINARY(32) NULL,
  former_expires BIGINT NULL,
  rotated BIGINT NULL,
  last_used BIGINT NULL,
  requests_per_minute INT UNSIGNED NULL,
  UNIQUE KEY api_token_sha256 (token_sha256),
  UNIQUE KEY api_token_name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.token_issuers (
  number INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  issuer VARCHAR(700) NOT NULL,
  settings MEDIUMTEXT NOT NULL,
  domain_numbers MEDIUMTEXT NULL,
  version BIGINT UNSIGNED NOT NULL,
  created BIGINT NOT NULL,
  modified BIGINT NOT NULL,
  UNIQUE KEY token_issuer_name (name),
  UNIQUE KEY token_issuer_issuer (issuer)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.federated_identities (
  seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  idp_number INT UNSIGNED NOT NULL,
  subject VARBINARY(1020) NOT NULL,
  user_id BINARY(16) NOT NULL,
  claims_digest BINARY(32) NOT NULL,
  user_version BIGINT UNSIGNED NOT NULL,
  created BIGINT NOT NULL,
  last_synced BIGINT NOT NULL,
  UNIQUE KEY federated_identity_subject (idp_number, subject),
  KEY federated_identity_user (user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.operations (
  seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  id BINARY(16) NOT NULL,
  state TINYINT UNSIGNED NOT NULL,
  due BIGINT NOT NULL,
  lane BINARY(32) NOT NULL,
  lease BINARY(16) NULL,
  attempts SMALLINT UNSIGNED NOT NULL,
  token_id BINARY(16) NOT NULL,
  key_digest BINARY(32) NULL,
  request_digest BINARY(32) NOT NULL,
  idp_name VARCHAR(255) NOT NULL,
  subject VARBINARY(1020) NOT NULL,
  correlation_id VARCHAR(64) NOT NULL,
  request MEDIUMTEXT NULL,
  outcome VARCHAR(16) NULL,
  domain_number SMALLINT UNSIGNED NULL,
  user_id BINARY(16) NULL,
  user_groups MEDIUMTEXT NULL,
  code VARCHAR(16) NULL,
  detail VARCHAR(1000) NULL,
  created BIGINT NOT NULL,
  finished BIGINT NULL,
  UNIQUE KEY operation_id (id),
  UNIQUE KEY operation_key (key_digest),
  KEY operation_due (state, due),
  KEY operation_lane (lane, state)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.secrets (
  name VARCHAR(64) NOT NULL PRIMARY KEY,
  value VARBINARY(255) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.audit_events (
  seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  occurred BIGINT NOT NULL,
  correlation_id VARCHAR(64) NOT NULL,
  action VARCHAR(64) NOT NULL,
  actor_id VARCHAR(64) NOT NULL,
  actor_name VARCHAR(255) NOT NULL,
  idp_name VARCHAR(255) NULL,
  subject VARBINARY(1020) NULL,
  identity_key BINARY(16) NULL,
  domain_number SMALLINT UNSIGNED NULL,
  domain_name VARCHAR(64) NULL,
  resource_id BINARY(16) NULL,
  version_before BIGINT UNSIGNED NULL,
  version_after BIGINT UNSIGNED NULL,
  code VARCHAR(32) NULL,
  changes MEDIUMTEXT NULL,
  KEY audit_time (occurred),
  KEY audit_correlation (correlation_id, occurred),
  KEY audit_resource (resource_id, occurred),
  KEY audit_identity (identity_key, occurred)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.audit_traces (
  seq BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  occurred BIGINT NOT NULL,
  trace MEDIUMTEXT NOT NULL,
  KEY audit_trace_time (occurred)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.prompts (
  seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  id BINARY(16) NOT NULL,
  ticket_digest BINARY(32) NOT NULL,
  state TINYINT UNSIGNED NOT NULL,
  tries SMALLINT UNSIGNED NOT NULL,
  token_id BINARY(16) NOT NULL,
  idp_name VARCHAR(255) NOT NULL,
  subject VARBINARY(1020) NOT NULL,
  correlation_id VARCHAR(64) NOT NULL,
  request MEDIUMTEXT NULL,
  return_url VARCHAR(2000) NULL,
  outcome VARCHAR(16) NULL,
  domain_number SMALLINT UNSIGNED NULL,
  user_id BINARY(16) NULL,
  code VARCHAR(16) NULL,
  detail VARCHAR(1000) NULL,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  finished BIGINT NULL,
  UNIQUE KEY prompt_id (id),
  UNIQUE KEY prompt_ticket (ticket_digest),
  KEY prompt_expiry (expires)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
