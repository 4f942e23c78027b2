#pragma once
// JSON lines: one document a line, divided by LF or CRLF. Lines of blanks alone are left out.

#include <string>
#include <string_view>

#include "scim/lines/record.h"

namespace vestibule::scim {

/// Divides text that comes in pieces. What is in a line is not looked at. Not thread-safe.
class JsonLinesReader {
 public:
  explicit JsonLinesReader(std::size_t most_bytes = kMaxRecordBytes) : most_bytes_(most_bytes) {}

  /// Takes the next piece of the file.
  void feed(std::string_view text);
  /// Says that there is no more: a last line without an end is a line.
  void finish() { finished_ = true; }

  /// The next record; nothing when more text is needed, or none is left. A record that is too large
  /// is refused with kPayloadTooLarge. O(bytes of the record).
  [[nodiscard]] std::optional<Record> next();

 private:
  std::size_t most_bytes_;
  std::string text_;
  std::size_t at_ = 0;        ///< where the next line begins
  std::size_t searched_ = 0;  ///< no line ends before this
  std::uint64_t line_ = 1;
  bool began_ = false;  ///< the byte order mark has been looked for
  bool finished_ = false;
  bool skipping_ = false;  ///< inside a line that is too large
  std::uint64_t skipped_line_ = 0;
};

}  // namespace vestibule::scim
