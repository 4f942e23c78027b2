#pragma once
// The files of backups: written beside their place and put there when they are whole.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace vestibule::app {

/// A file that is being written, as `FILE.part` that only its owner may read. Not thread-safe.
class BackupFile {
 public:
  /// Makes it. What an interrupted run left under that name is written over; a `file` that is there
  /// already is not: error kConflict. `-` is standard output. Errors for the operator.
  [[nodiscard]] static Result<BackupFile> create(std::filesystem::path file);
  BackupFile(BackupFile&& other) noexcept;
  BackupFile& operator=(BackupFile&&) = delete;
  /// Removes what is not whole.
  ~BackupFile();

  [[nodiscard]] Result<void> write(std::string_view bytes);
  /// Puts the file into its place, durably.
  [[nodiscard]] Result<void> finish();

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] const std::filesystem::path& path() const { return file_; }

 private:
  BackupFile() = default;

  std::filesystem::path file_;
  std::filesystem::path part_;  // empty: standard output, or nothing is left to remove
  int fd_ = -1;
  std::uint64_t bytes_ = 0;
};

/// A file that is read from its beginning. Not thread-safe.
class BackupFileReader {
 public:
  /// Error kNotFound, kInvalidValue for what is no file.
  [[nodiscard]] static Result<BackupFileReader> open(const std::filesystem::path& file);
  BackupFileReader(BackupFileReader&& other) noexcept;
  BackupFileReader& operator=(BackupFileReader&&) = delete;
  ~BackupFileReader();

  /// Reads up to `size` bytes; 0 at the end.
  [[nodiscard]] Result<std::size_t> read(char* into, std::size_t size);

 private:
  BackupFileReader() = default;

  std::filesystem::path file_;
  int fd_ = -1;
};

}  // namespace vestibule::app
