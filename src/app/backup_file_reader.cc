#include "app/backup_file_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "app/operator_error.h"

namespace vestibule::app {

Result<BackupFileReader> BackupFileReader::open(const std::filesystem::path& file) {
  http::UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) {
    return operatorFailure(errno == ENOENT ? ErrorKind::kNotFound : ErrorKind::kUnavailable,
                           "cannot read " + file.string() + ": " + systemMessage(errno));
  }
  struct stat found {};
  if (::fstat(fd.get(), &found) != 0 || !S_ISREG(found.st_mode)) {
    return operatorFailure(ErrorKind::kInvalidValue, file.string() + " is no file");
  }
  return BackupFileReader(file, std::move(fd));
}

Result<std::size_t> BackupFileReader::read(char* into, std::size_t size) {
  for (;;) {
    const auto got = ::read(fd_.get(), into, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) {
      return operatorFailure(ErrorKind::kUnavailable,
                             "cannot read " + file_.string() + ": " + systemMessage(errno));
    }
  }
}

}  // namespace vestibule::app
