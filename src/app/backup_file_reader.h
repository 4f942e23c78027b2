#pragma once
// The file of a backup, read.

#include <cstddef>
#include <filesystem>
#include <utility>

#include "base/result.h"
#include "http/unique_fd.h"

namespace vestibule::app {

/// A file that is read from its beginning. Not thread-safe.
class BackupFileReader {
 public:
  /// Error kNotFound, kInvalidValue for what is no file.
  [[nodiscard]] static Result<BackupFileReader> open(const std::filesystem::path& file);

  /// Reads up to `size` bytes; 0 at the end. Error kUnavailable for the operator.
  [[nodiscard]] Result<std::size_t> read(char* into, std::size_t size);

 private:
  BackupFileReader(std::filesystem::path file, http::UniqueFd fd)
      : file_(std::move(file)), fd_(std::move(fd)) {}

  std::filesystem::path file_;
  http::UniqueFd fd_;
};

}  // namespace vestibule::app
