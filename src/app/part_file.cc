#include "app/part_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

#include "app/operator_error.h"

namespace vestibule::app {
namespace {

namespace fs = std::filesystem;
using http::UniqueFd;

constexpr const char* kStdout = "-";
constexpr mode_t kOwnerOnly = 0600;

tl::unexpected<Error> cannot(std::string_view what, const fs::path& file, int error) {
  return operatorFailure(ErrorKind::kUnavailable,
                         std::string(what) + " " + file.string() + ": " + systemMessage(error));
}

/// Whether that is the name of the open file: another process may have taken it away.
bool isNameOf(int fd, const fs::path& name) {
  struct stat open {};
  struct stat named {};
  return ::fstat(fd, &open) == 0 && ::lstat(name.c_str(), &named) == 0 &&
         open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

/// Until the descriptor is closed. Error kConflict where another process has the lock.
Result<void> lock(int fd, const fs::path& part) {
  int locked = 0;
  do {
    locked = ::flock(fd, LOCK_EX | LOCK_NB);
  } while (locked != 0 && errno == EINTR);
  if (locked == 0) return {};
  if (errno != EWOULDBLOCK) return cannot("cannot lock", part, errno);
  return operatorFailure(ErrorKind::kConflict,
                         part.string() + " is being written by another command");
}

/// Takes away what nobody writes any more. To write over it would do harm: it may be open for
/// reading by those who must not see what comes, and be the same file as one under another name.
Result<void> removeLeft(const fs::path& part) {
  // Without O_NONBLOCK a pipe would wait for its reader.
  const UniqueFd left(::open(part.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!left.valid()) {
    return errno == ENOENT ? Result<void>() : cannot("cannot write", part, errno);
  }
  struct stat found {};
  if (::fstat(left.get(), &found) != 0 || !S_ISREG(found.st_mode)) {
    return operatorFailure(ErrorKind::kInvalidValue, part.string() + " is no file");
  }
  if (auto locked = lock(left.get(), part); !locked) return locked;
  if (isNameOf(left.get(), part) && ::unlink(part.c_str()) != 0) {
    return cannot("cannot remove", part, errno);
  }
  return {};
}

/// A new file of that name, and its lock.
Result<UniqueFd> begin(const fs::path& part) {
  for (;;) {
    UniqueFd fd(::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly));
    if (!fd.valid()) {
      if (errno != EEXIST) return cannot("cannot write", part, errno);
      if (auto removed = removeLeft(part); !removed) return propagate(removed);
      continue;
    }
    if (auto locked = lock(fd.get(), part); !locked) return propagate(locked);
    // Before it was locked, another command may have taken it for one that was left.
    if (isNameOf(fd.get(), part)) return fd;
  }
}

/// Error of what must not be written over.
Result<void> checkPlace(const fs::path& file, PartFile::Existing existing) {
  std::error_code fault;
  if (existing == PartFile::Existing::kReplaced) {
    const auto there = fs::status(file, fault);
    if (!fs::exists(there) || fs::is_regular_file(there)) return {};
    return operatorFailure(ErrorKind::kInvalidValue,
                           file.string() + " is no file: it is not written over");
  }
  if (!fs::exists(fs::symlink_status(file, fault))) return {};
  return operatorFailure(ErrorKind::kConflict,
                         "there is a file " + file.string() + " already: it is not written over");
}

/// Gives the file its name. The system's error, or 0.
int rename(const fs::path& part, const fs::path& file, PartFile::Existing existing) {
  if (existing == PartFile::Existing::kReplaced) {
    return ::rename(part.c_str(), file.c_str()) == 0 ? 0 : errno;
  }
  if (::renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, file.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno == EEXIST) return EEXIST;
  // Some file systems know only one of the two ways not to write over what is there.
  if (::link(part.c_str(), file.c_str()) != 0) return errno;
  ::unlink(part.c_str());
  return 0;
}

Result<void> syncFolderOf(const fs::path& file) {
  const auto folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return cannot("cannot open", folder, errno);
  // Where folders cannot be synced, the file system says EINVAL, and there is nothing to be done.
  if (::fsync(fd.get()) != 0 && errno != EINVAL) return cannot("cannot write", folder, errno);
  return {};
}

}  // namespace

Result<PartFile> PartFile::open(fs::path file, Existing existing) {
  PartFile made(std::move(file), existing);
  if (made.file_ == kStdout) return made;
  if (auto free = checkPlace(made.file_, existing); !free) return propagate(free);
  auto part = made.file_;
  part += ".part";
  auto fd = begin(part);
  if (!fd) return propagate(fd);
  made.fd_ = *std::move(fd);
  made.part_ = std::move(part);
  return made;
}

PartFile::PartFile(fs::path file, Existing existing)
    : file_(std::move(file)), existing_(existing) {}

PartFile::PartFile(PartFile&& other) noexcept
    : file_(std::move(other.file_)),
      existing_(other.existing_),
      fd_(std::move(other.fd_)),
      part_(std::exchange(other.part_, {})),
      bytes_(other.bytes_) {}

PartFile::~PartFile() {
  // While it is locked: behind that, another command may have begun one of the name.
  if (!part_.empty() && isNameOf(fd_.get(), part_)) ::unlink(part_.c_str());
}

int PartFile::descriptor() const { return file_ == kStdout ? STDOUT_FILENO : fd_.get(); }

Result<void> PartFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return cannot("cannot write", part_.empty() ? file_ : part_, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
    bytes_ += static_cast<std::uint64_t>(written);
  }
  return {};
}

Result<void> PartFile::publish() {
  if (file_ == kStdout) return {};
  if (::fsync(fd_.get()) != 0) return cannot("cannot write", part_, errno);
  if (!isNameOf(fd_.get(), part_)) {
    return operatorFailure(ErrorKind::kConflict,
                           part_.string() + " was taken away while it was written");
  }
  const int error = rename(part_, file_, existing_);
  const auto part = std::exchange(part_, {});
  if (error != 0) {
    return operatorFailure(error == EEXIST ? ErrorKind::kConflict : ErrorKind::kUnavailable,
                           "cannot make " + file_.string() + ": " + systemMessage(error) +
                               "; all of it is in " + part.string());
  }
  return syncFolderOf(file_);
}

}  // namespace vestibule::app
