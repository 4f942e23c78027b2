#pragma once
// What a backup is made of, as values: a header, tables with their rows, and an end that counts
// them. backup_stream.h says how they are written as bytes.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/strong.h"

namespace vestibule::store {

/// A migration as it ran where the backup was made.
struct BackupMigration {
  std::uint64_t number = 0;
  std::string sha256;  ///< hexadecimal
  bool operator==(const BackupMigration&) const = default;
};

/// Something that rows name by a number which is another one in another installation.
struct BackupName {
  std::uint64_t number = 0;
  std::string name;
  bool operator==(const BackupName&) const = default;
};

/// What a backup says of itself.
struct BackupHeader {
  std::string program;       ///< the version of Vestibule that made it
  Timestamp taken = 0;       ///< of which moment its data are, by the clock of whoever made it
  std::string database;      ///< what the database server calls itself
  std::string installation;  ///< tells installations apart; that of a restored copy is the same
  bool whole = false;        ///< everything, the control schema with it; else of one domain
  std::vector<BackupName> domains;
  std::vector<BackupName> identity_providers;
  std::vector<BackupName> consent_purposes;
  std::vector<BackupMigration> control_migrations;
  std::vector<BackupMigration> domain_migrations;
  bool operator==(const BackupHeader&) const = default;
};

/// How the values of a column are written into a statement.
enum class ColumnKind : char { kNumber = 'n', kText = 't', kBytes = 'b' };

struct BackupColumn {
  std::string name;
  ColumnKind kind = ColumnKind::kText;
  bool operator==(const BackupColumn&) const = default;
};

/// The rows behind it are of this table.
struct BackupTable {
  std::optional<DomainNumber> domain;  ///< nothing: a table of the control schema
  std::string name;
  std::vector<BackupColumn> columns;
  bool operator==(const BackupTable&) const = default;
};

using BackupRow = std::vector<std::optional<std::string>>;
using BackupRows = std::vector<BackupRow>;

/// How much of one table there is.
struct BackupCount {
  std::optional<DomainNumber> domain;
  std::string table;
  std::uint64_t rows = 0;
  /// SHA-256 of the rows in their order, hexadecimal: two databases with equal rows have equal
  /// ones.
  std::string sha256;
  bool operator==(const BackupCount&) const = default;
};

/// The last record.
struct BackupEnd {
  std::vector<BackupCount> tables;
  bool operator==(const BackupEnd&) const = default;
};

using BackupRecord = std::variant<BackupHeader, BackupTable, BackupRows, BackupEnd>;

/// Takes the records of a backup in their order.
using BackupSink = std::function<Result<void>(const BackupRecord&)>;

/// Hears of long work while it goes on: a line about once a second.
using BackupProgress = std::function<void(const std::string& line)>;

/// All rows of these counts.
[[nodiscard]] std::uint64_t rowsOf(const std::vector<BackupCount>& counts);

}  // namespace vestibule::store
