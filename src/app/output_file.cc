#include "app/output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "app/operator_error.h"

namespace vestibule::app {

Result<std::unique_ptr<OutputFile>> OutputFile::open(const std::string& path) {
  auto file = std::unique_ptr<OutputFile>(new OutputFile());
  file->path_ = path;
  if (path == "-") {
    file->file_ = stdout;
    return file;
  }
  const std::string part = path + ".part";
  const int fd = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) {
    return operatorFailure(ErrorKind::kUnavailable, part + ": " + systemMessage(errno));
  }
  file->part_ = part;
  file->file_ = ::fdopen(fd, "wb");
  if (file->file_ != nullptr) return file;
  const int error = errno;
  ::close(fd);
  return operatorFailure(ErrorKind::kUnavailable, part + ": " + systemMessage(error));
}

OutputFile::~OutputFile() {
  if (part_.empty()) return;
  if (file_ != nullptr) static_cast<void>(std::fclose(file_));
  static_cast<void>(::unlink(part_.c_str()));
}

tl::unexpected<Error> OutputFile::failed() const {
  return operatorFailure(ErrorKind::kUnavailable, path_ + ": " + systemMessage(errno));
}

Result<void> OutputFile::write(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) return failed();
  return {};
}

Result<void> OutputFile::finish() {
  if (std::fflush(file_) != 0) return failed();
  if (part_.empty()) return {};
  if (::fsync(::fileno(file_)) != 0) return failed();
  if (std::fclose(std::exchange(file_, nullptr)) != 0) return failed();
  if (std::rename(part_.c_str(), path_.c_str()) != 0) return failed();
  part_.clear();
  return {};
}

}  // namespace vestibule::app
