#pragma once
// A file that is there as a whole or not at all.

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace vestibule::app {

/// Writes to `FILE.part` and gives it its name when all of it is on the disk. Not thread-safe.
class OutputFile {
 public:
  /// Opens it, readable by its owner alone; `-` is standard output. Error kUnavailable for the
  /// operator.
  [[nodiscard]] static Result<std::unique_ptr<OutputFile>> open(const std::string& path);
  /// Removes `FILE.part`, unless the file was finished.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Error kUnavailable for the operator, when the disk is full or the reader has gone.
  [[nodiscard]] Result<void> write(std::string_view text);
  /// Makes the file durable and gives it its name, in place of one that has it. Errors as write.
  [[nodiscard]] Result<void> finish();

 private:
  OutputFile() = default;
  [[nodiscard]] tl::unexpected<Error> failed() const;

  std::string path_;
  std::string part_;  ///< empty for standard output
  std::FILE* file_ = nullptr;
};

}  // namespace vestibule::app
