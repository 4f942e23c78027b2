#pragma once
// A file of JSON lines or CSV, read in batches of records.

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "scim/lines/csv_reader.h"
#include "scim/lines/json_lines_reader.h"
#include "scim/lines/record.h"

namespace vestibule::app {

enum class LineFormat { kJsonLines, kCsv };

/// A file that is read from its beginning to its end. Not thread-safe.
class LineSource {
 public:
  /// Opens the file; `-` is standard input. Error kNotFound for the operator.
  [[nodiscard]] static Result<std::unique_ptr<LineSource>> open(const std::string& path,
                                                                LineFormat format, char separator);
  ~LineSource();
  LineSource(const LineSource&) = delete;
  LineSource& operator=(const LineSource&) = delete;

  /// The next record; nothing at the end. Error kUnavailable for the operator when the file cannot
  /// be read any more.
  [[nodiscard]] Result<std::optional<scim::Record>> next();
  /// The next `lines` records, fewer where they are large or the file ends; none at its end. The
  /// same file gives the same batches. Errors as next.
  [[nodiscard]] Result<std::vector<scim::Record>> batch(std::size_t lines);

  [[nodiscard]] std::uint64_t bytesRead() const { return bytes_read_; }
  /// Bytes of the file; nothing for what is no regular file.
  [[nodiscard]] std::optional<std::uint64_t> size() const { return size_; }

 private:
  LineSource() = default;

  std::string path_;
  std::FILE* file_ = nullptr;
  bool owned_ = false;
  bool ended_ = false;
  std::uint64_t bytes_read_ = 0;
  std::optional<std::uint64_t> size_;
  std::variant<scim::JsonLinesReader, scim::CsvReader> reader_;
};

/// 32 bytes that stand for the content of the file. Errors as LineSource.
[[nodiscard]] Result<std::string> digestOfFile(const std::string& path);

}  // namespace vestibule::app
