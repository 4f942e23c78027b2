#pragma once
// The records of a backup that are JSON: all but rows. Private to store/.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/backup_record.h"

namespace vestibule::store {

[[nodiscard]] std::string textOf(const BackupHeader& header);
[[nodiscard]] std::string textOf(const BackupTable& table);
[[nodiscard]] std::string textOf(const BackupEnd& end);

/// Nothing when the text is no header. Error kInvalidValue when it is of a newer format.
[[nodiscard]] Result<std::optional<BackupHeader>> readHeader(std::string_view text);
/// Nothing when the text is no such record.
[[nodiscard]] std::optional<BackupTable> readTable(std::string_view text);
[[nodiscard]] std::optional<BackupEnd> readEnd(std::string_view text);

}  // namespace vestibule::store
