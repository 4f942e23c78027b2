#pragma once
// One record of a text file: a line of JSON, or a row of CSV.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vestibule::scim {

/// A record as it was read. `fields` holds the text of a line, or the fields of a row.
struct Record {
  std::uint64_t line = 0;  ///< on which it begins, from 1
  std::vector<std::string> fields;
  /// Why it cannot be used; its fields are then empty. The reader goes on behind it.
  std::optional<Error> refused;

  /// Bytes of all fields.
  [[nodiscard]] std::size_t bytes() const {
    std::size_t sum = 0;
    for (const auto& field : fields) sum += field.size();
    return sum;
  }
};

/// No record is larger: it is refused, and the reader goes on behind it.
inline constexpr std::size_t kMaxRecordBytes = 32 << 20;

/// The byte order mark that some programs put in front of UTF-8.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace vestibule::scim
