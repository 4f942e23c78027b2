#include "app/line_source.h"

#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "app/operator_error.h"
#include "base/crypto.h"

namespace vestibule::app {
namespace {

constexpr std::size_t kPiece = 256 << 10;
/// A batch of larger records has fewer of them.
constexpr std::size_t kBatchBytes = 4 << 20;

tl::unexpected<Error> unreadable(const std::string& path, int error) {
  return operatorFailure(ErrorKind::kUnavailable, path + ": " + systemMessage(error));
}

struct CloseFile {
  void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};

}  // namespace

Result<std::unique_ptr<LineSource>> LineSource::open(const std::string& path, LineFormat format,
                                                     char separator) {
  auto source = std::unique_ptr<LineSource>(new LineSource());
  source->path_ = path;
  if (path == "-") {
    source->file_ = stdin;
  } else {
    source->file_ = std::fopen(path.c_str(), "rbe");
    if (source->file_ == nullptr) {
      return operatorFailure(ErrorKind::kNotFound, path + ": " + systemMessage(errno));
    }
    source->owned_ = true;
    struct stat about {};
    if (::fstat(::fileno(source->file_), &about) == 0 && S_ISREG(about.st_mode)) {
      source->size_ = static_cast<std::uint64_t>(about.st_size);
    }
  }
  if (format == LineFormat::kCsv) source->reader_ = scim::CsvReader(separator);
  return source;
}

LineSource::~LineSource() {
  if (owned_) static_cast<void>(std::fclose(file_));
}

Result<std::optional<scim::Record>> LineSource::next() {
  for (;;) {
    auto record = std::visit([](auto& reader) { return reader.next(); }, reader_);
    if (record || ended_) return record;
    std::string piece(kPiece, '\0');
    const auto got = std::fread(piece.data(), 1, piece.size(), file_);
    if (got < piece.size() && std::ferror(file_) != 0) return unreadable(path_, errno);
    piece.resize(got);
    bytes_read_ += got;
    ended_ = got == 0;
    std::visit(
        [&](auto& reader) {
          reader.feed(piece);
          if (ended_) reader.finish();
        },
        reader_);
  }
}

Result<std::vector<scim::Record>> LineSource::batch(std::size_t lines) {
  std::vector<scim::Record> records;
  std::size_t bytes = 0;
  while (records.size() < lines && bytes < kBatchBytes) {
    auto record = next();
    if (!record) return propagate(record);
    if (!*record) break;
    bytes += (*record)->bytes();
    records.push_back(**std::move(record));
  }
  return records;
}

Result<std::string> digestOfFile(const std::string& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (!file) return operatorFailure(ErrorKind::kNotFound, path + ": " + systemMessage(errno));
  // Digests in a chain: each over the one before and the next piece.
  std::string digest;
  std::string piece;
  for (;;) {
    piece.resize(kPiece);
    const auto got = std::fread(piece.data(), 1, piece.size(), file.get());
    if (got < piece.size() && std::ferror(file.get()) != 0) return unreadable(path, errno);
    if (got == 0) return digest.empty() ? sha256({}) : digest;
    piece.resize(got);
    digest += piece;
    digest = sha256(digest);
  }
}

}  // namespace vestibule::app
