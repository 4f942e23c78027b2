#pragma once
// Comma-separated values (RFC 4180), read strictly: what two programs could read in two ways is
// refused.

#include <string>
#include <string_view>

#include "scim/lines/record.h"

namespace vestibule::scim {

/// Reads rows of text that comes in pieces. A row ends with LF or CRLF, a field may stand in
/// quotes, and then hold separators, line ends and quotes written twice. Rows without any byte are
/// left out. Not thread-safe.
class CsvReader {
 public:
  explicit CsvReader(char separator = ',', std::size_t most_bytes = kMaxRecordBytes)
      : separator_(separator), most_bytes_(most_bytes) {}

  /// Takes the next piece of the file.
  void feed(std::string_view text);
  /// Says that there is no more.
  void finish() { finished_ = true; }

  /// The next row; nothing when more text is needed, or none is left. Refused with kInvalidSyntax,
  /// the number of the field in its text, is a row with a quote inside a field without quotes, with
  /// text behind a closing quote, with a bare CR, with a quote that is never closed, or that is not
  /// UTF-8; with kPayloadTooLarge one that is too large. Reading goes on behind the next line end.
  [[nodiscard]] std::optional<Record> next();

 private:
  enum class State {
    kRowStart,
    kFieldStart,
    kPlain,
    kQuoted,
    kQuoteInQuoted,  ///< the field ends here, or a quote was written twice
    kCarriageReturn,
    kSkip,  ///< behind an error, up to the line end
  };

  void take(char c);
  void endField();
  void endRow();
  void refuse(ErrorKind kind, std::string_view what);

  char separator_;
  std::size_t most_bytes_;
  std::string text_;
  std::size_t at_ = 0;
  bool began_ = false;
  bool finished_ = false;
  std::uint64_t line_ = 1;
  State state_ = State::kRowStart;
  Record row_;
  std::string field_;
  std::size_t row_bytes_ = 0;
  bool ready_ = false;  ///< `row_` is complete
};

}  // namespace vestibule::scim
