#pragma once
// A lock that a process holds by keeping a file open (flock): the kernel gives it back however the
// process ends.

#include <filesystem>
#include <string>
#include <utility>

#include "base/result.h"

namespace vestibule::app {

/// An exclusive lock on a file. A child that keeps the descriptor shares the lock: it is free once
/// all of them are gone. Movable. Not thread-safe.
class FileLock {
 public:
  FileLock() = default;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

  /// Tries to lock the file, making it (mode 0600) where it is missing. Never blocks. A lock for
  /// which `held()` is false when another process has it; error kUnavailable for the operator when
  /// the file cannot be opened or locked at all.
  [[nodiscard]] static Result<FileLock> tryLock(const std::filesystem::path& file);

  [[nodiscard]] bool held() const { return fd_ >= 0; }
  [[nodiscard]] int fd() const { return fd_; }

  /// Replaces the file's text, which tells others who holds the lock. The lock must be held. Best
  /// effort: the lock works without it.
  void write(const std::string& text) const;

 private:
  int fd_ = -1;
};

}  // namespace vestibule::app
