CREATE TABLE IF NOT EXISTS {schema}.imports (
  seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  fingerprint BINARY(32) NOT NULL,
  domain_number SMALLINT UNSIGNED NOT NULL,
  begun BIGINT NOT NULL,
  UNIQUE KEY import_fingerprint (fingerprint),
  CONSTRAINT import_domain FOREIGN KEY (domain_number) REFERENCES {schema}.domains (number) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
--;
CREATE TABLE IF NOT EXISTS {schema}.import_batches (
  import_seq BIGINT UNSIGNED NOT NULL,
  pass TINYINT UNSIGNED NOT NULL,
  batch BIGINT UNSIGNED NOT NULL,
  created BIGINT UNSIGNED NOT NULL,
  replaced BIGINT UNSIGNED NOT NULL,
  unchanged BIGINT UNSIGNED NOT NULL,
  rejected BIGINT UNSIGNED NOT NULL,
  report MEDIUMTEXT NOT NULL,
  PRIMARY KEY (import_seq, pass, batch),
  CONSTRAINT import_batch_of FOREIGN KEY (import_seq) REFERENCES {schema}.imports (seq) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
