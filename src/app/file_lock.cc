#include "app/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "app/operator_error.h"
#include "base/log.h"

namespace vestibule::app {

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

Result<FileLock> FileLock::tryLock(const std::filesystem::path& file) {
  FileLock lock;
  lock.fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock.fd_ < 0) {
    return operatorFailure(ErrorKind::kUnavailable,
                           fmt::format("{}: {}", file.string(), systemMessage(errno)));
  }
  int result = 0;
  do {
    result = ::flock(lock.fd_, LOCK_EX | LOCK_NB);
  } while (result != 0 && errno == EINTR);
  if (result == 0) return lock;
  if (errno == EWOULDBLOCK) return FileLock{};
  return operatorFailure(ErrorKind::kUnavailable, fmt::format("{} cannot be locked: {}",
                                                              file.string(), systemMessage(errno)));
}

void FileLock::write(const std::string& text) const {
  if (::ftruncate(fd_, 0) != 0 ||
      ::pwrite(fd_, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    logEvent(events::kLockFileUnwritten, {{"reason", systemMessage(errno)}});
  }
}

}  // namespace vestibule::app
