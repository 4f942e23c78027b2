CREATE TABLE IF NOT EXISTS {schema}.users (
  seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  id BINARY(16) NOT NULL,
  user_name_fold VARBINARY(1020) NOT NULL,
  user_name_case VARBINARY(1020) NOT NULL,
  external_id_key VARBINARY(255) NULL,
  version BIGINT UNSIGNED NOT NULL,
  created BIGINT NOT NULL,
  modified BIGINT NOT NULL,
  password_hash VARBINARY(255) NULL,
  document MEDIUMTEXT NOT NULL,
  UNIQUE KEY user_id (id),
  UNIQUE KEY user_user_name (user_name_fold, user_name_case),
  KEY user_external_id (external_id_key),
  KEY user_created (created),
  KEY user_modified (modified)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.user_attributes (
  attribute SMALLINT UNSIGNED NOT NULL,
  value_key VARBINARY(200) NOT NULL,
  user_seq BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (attribute, value_key, user_seq),
  KEY user_attribute_user (user_seq),
  CONSTRAINT user_attribute_owner FOREIGN KEY (user_seq) REFERENCES {schema}.users (seq) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.user_groups (
  seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  id BINARY(16) NOT NULL,
  display_name VARCHAR(255) NOT NULL,
  display_name_key VARBINARY(1020) NOT NULL,
  external_id_key VARBINARY(255) NULL,
  version BIGINT UNSIGNED NOT NULL,
  created BIGINT NOT NULL,
  modified BIGINT NOT NULL,
  document MEDIUMTEXT NOT NULL,
  UNIQUE KEY group_id (id),
  UNIQUE KEY group_display_name (display_name_key),
  KEY group_external_id (external_id_key),
  KEY group_created (created),
  KEY group_modified (modified)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.group_attributes (
  attribute SMALLINT UNSIGNED NOT NULL,
  value_key VARBINARY(200) NOT NULL,
  group_seq BIGINT UNSIGNED NOT NULL,
  unique_key VARBINARY(200) NULL,
  PRIMARY KEY (attribute, value_key, group_seq),
  UNIQUE KEY group_unique_value (attribute, unique_key),
  KEY group_attribute_owner (group_seq),
  CONSTRAINT group_attribute_of FOREIGN KEY (group_seq) REFERENCES {schema}.user_groups (seq) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.memberships (
  group_seq BIGINT UNSIGNED NOT NULL,
  user_seq BIGINT UNSIGNED NOT NULL,
  by_scim TINYINT UNSIGNED NOT NULL,
  PRIMARY KEY (group_seq, user_seq),
  KEY membership_user (user_seq, group_seq),
  CONSTRAINT membership_group FOREIGN KEY (group_seq) REFERENCES {schema}.user_groups (seq) ON DELETE CASCADE,
  CONSTRAINT membership_member FOREIGN KEY (user_seq) REFERENCES {schema}.users (seq) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.idp_grants (
  user_seq BIGINT UNSIGNED NOT NULL,
  idp_number INT UNSIGNED NOT NULL,
  group_seq BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (user_seq, idp_number, group_seq),
  KEY idp_grant_membership (group_seq, user_seq),
  CONSTRAINT idp_grant_of_membership FOREIGN KEY (group_seq, user_seq) REFERENCES {schema}.memberships (group_seq, user_seq)
    ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.group_nesting (
  group_seq BIGINT UNSIGNED NOT NULL,
  member_seq BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (group_seq, member_seq),
  KEY nesting_member (member_seq, group_seq),
  CONSTRAINT nesting_group FOREIGN KEY (group_seq) REFERENCES {schema}.user_groups (seq) ON DELETE CASCADE,
  CONSTRAINT nesting_member_group FOREIGN KEY (member_seq) REFERENCES {schema}.user_groups (seq) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.group_ancestors (
  descendant_seq BIGINT UNSIGNED NOT NULL,
  ancestor_seq BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (descendant_seq, ancestor_seq),
  KEY ancestor_descendant (ancestor_seq, descendant_seq)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.nesting_turn (
  one TINYINT UNSIGNED NOT NULL PRIMARY KEY,
  turns BIGINT UNSIGNED NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
INSERT IGNORE INTO {schema}.nesting_turn (one, turns) VALUES (1, 0)
--;
CREATE TABLE IF NOT EXISTS {schema}.resources (
  kind TINYINT UNSIGNED NOT NULL,
  seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  id BINARY(16) NOT NULL,
  name_key VARBINARY(1020) NULL,
  external_id_key VARBINARY(255) NULL,
  version BIGINT UNSIGNED NOT NULL,
  created BIGINT NOT NULL,
  modified BIGINT NOT NULL,
  document MEDIUMTEXT NOT NULL,
  PRIMARY KEY (kind, seq),
  KEY resource_seq (seq),
  UNIQUE KEY resource_id (kind, id),
  UNIQUE KEY resource_name (kind, name_key),
  KEY resource_external_id (kind, external_id_key),
  KEY resource_created (kind, created),
  KEY resource_modified (kind, modified)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.resource_attributes (
  kind TINYINT UNSIGNED NOT NULL,
  attribute SMALLINT UNSIGNED NOT NULL,
  value_key VARBINARY(200) NOT NULL,
  resource_seq BIGINT UNSIGNED NOT NULL,
  unique_key VARBINARY(200) NULL,
  PRIMARY KEY (kind, attribute, value_key, resource_seq),
  UNIQUE KEY resource_unique_value (kind, attribute, unique_key),
  KEY resource_attribute_owner (kind, resource_seq),
  CONSTRAINT resource_attribute_of FOREIGN KEY (kind, resource_seq) REFERENCES {schema}.resources (kind, seq)
    ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.group_names (
  one TINYINT UNSIGNED NOT NULL PRIMARY KEY,
  revision BIGINT UNSIGNED NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
INSERT IGNORE INTO {schema}.group_names (one, revision) VALUES (1, 1)
--;
CREATE TABLE IF NOT EXISTS {schema}.guard_rails (
  actor_kind TINYINT UNSIGNED NOT NULL,
  actor VARBINARY(64) NOT NULL,
  kind TINYINT UNSIGNED NOT NULL,
  ends BIGINT NOT NULL,
  used BIGINT UNSIGNED NOT NULL,
  cap BIGINT UNSIGNED NOT NULL,
  refused BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (actor_kind, actor, kind),
  CONSTRAINT guard_deletes CHECK (kind <> 1 OR used <= cap),
  CONSTRAINT guard_deactivations CHECK (kind <> 2 OR used <= cap),
  CONSTRAINT guard_membership_removals CHECK (kind <> 3 OR used <= cap)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
