#include "app/backup_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "app/operator_error.h"

namespace vestibule::app {
namespace {

constexpr mode_t kOwnerOnly = 0600;

tl::unexpected<Error> cannot(std::string_view what, const std::filesystem::path& file, int error) {
  return operatorFailure(ErrorKind::kUnavailable,
                         std::string(what) + " " + file.string() + ": " + systemMessage(error));
}

}  // namespace

Result<BackupFile> BackupFile::create(std::filesystem::path file) {
  BackupFile made;
  made.file_ = std::move(file);
  if (made.file_ == "-") {
    if (::isatty(STDOUT_FILENO) != 0) {
      return operatorFailure(ErrorKind::kInvalidValue, "a backup is not written to a terminal");
    }
    made.fd_ = STDOUT_FILENO;
    return made;
  }
  std::error_code fault;
  if (std::filesystem::exists(made.file_, fault)) {
    return operatorFailure(ErrorKind::kConflict, "there is a file " + made.file_.string() +
                                                     " already: it is not written over");
  }
  auto part = made.file_;
  part += ".part";
  made.fd_ =
      ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kOwnerOnly);
  if (made.fd_ < 0) return cannot("cannot write", part, errno);
  made.part_ = std::move(part);
  // It may have been there, with other rights.
  if (::fchmod(made.fd_, kOwnerOnly) != 0) return cannot("cannot protect", made.part_, errno);
  return made;
}

BackupFile::BackupFile(BackupFile&& other) noexcept
    : file_(std::move(other.file_)),
      part_(std::exchange(other.part_, {})),
      fd_(std::exchange(other.fd_, -1)),
      bytes_(other.bytes_) {}

BackupFile::~BackupFile() {
  if (fd_ >= 0 && fd_ != STDOUT_FILENO) ::close(fd_);
  if (!part_.empty()) ::unlink(part_.c_str());
}

Result<void> BackupFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return cannot("cannot write", part_.empty() ? file_ : part_, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
    bytes_ += static_cast<std::uint64_t>(written);
  }
  return {};
}

Result<void> BackupFile::finish() {
  if (part_.empty()) return {};
  if (::fsync(fd_) != 0) return cannot("cannot write", part_, errno);
  // Unlike rename(), this does not write over what came there meanwhile.
  if (::link(part_.c_str(), file_.c_str()) != 0) return cannot("cannot make", file_, errno);
  ::unlink(part_.c_str());
  part_.clear();
  const auto folder = file_.has_parent_path() ? file_.parent_path() : std::filesystem::path(".");
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return cannot("cannot open", folder, errno);
  const int error = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  return error == 0 ? Result<void>() : cannot("cannot write", folder, error);
}

Result<BackupFileReader> BackupFileReader::open(const std::filesystem::path& file) {
  BackupFileReader reader;
  reader.file_ = file;
  reader.fd_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (reader.fd_ < 0) {
    return operatorFailure(errno == ENOENT ? ErrorKind::kNotFound : ErrorKind::kUnavailable,
                           "cannot read " + file.string() + ": " + systemMessage(errno));
  }
  struct stat found {};
  if (::fstat(reader.fd_, &found) != 0 || !S_ISREG(found.st_mode)) {
    return operatorFailure(ErrorKind::kInvalidValue, file.string() + " is no file");
  }
  return reader;
}

BackupFileReader::BackupFileReader(BackupFileReader&& other) noexcept
    : file_(std::move(other.file_)), fd_(std::exchange(other.fd_, -1)) {}

BackupFileReader::~BackupFileReader() {
  if (fd_ >= 0) ::close(fd_);
}

Result<std::size_t> BackupFileReader::read(char* into, std::size_t size) {
  for (;;) {
    const auto got = ::read(fd_, into, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return cannot("cannot read", file_, errno);
  }
}

}  // namespace vestibule::app
