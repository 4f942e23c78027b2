#pragma once
// The version text of a database server. Private to store/.

#include <optional>
#include <string_view>

namespace vestibule::store {

struct ServerVersion {
  bool mariadb = false;
  unsigned major = 0;
  unsigned minor = 0;
  unsigned patch = 0;

  /// MySQL 8.0.21 (the first with JSON_VALUE) or MariaDB 10.6, or newer.
  [[nodiscard]] bool supported() const;
};

/// Reads what VERSION() and @@version_comment say, such as `10.11.19-MariaDB-log` or `8.0.36`.
/// Nothing for any other text.
[[nodiscard]] std::optional<ServerVersion> parseServerVersion(std::string_view version,
                                                              std::string_view comment);

}  // namespace vestibule::store
