#include "app/secret_key_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <utility>

#include "app/operator_error.h"

namespace vestibule::app {
namespace {

constexpr const char* kSetting = "database.secret_key_file: ";
/// Enough for a thousand keys and remarks on them.
constexpr std::size_t kLargestFile = 64 * std::size_t{1024};

}  // namespace

Result<std::shared_ptr<const SecretKeys>> readSecretKeys(const Config& config) {
  const auto& path = config.database.secret_key_file;
  if (path.empty()) return std::make_shared<const SecretKeys>();
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string bytes(kLargestFile + 1, '\0');
  // Not by an iterator, which throws what a stream turns into its bad bit.
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file.is_open() || file.bad()) {
    return operatorFailure(ErrorKind::kNotFound,
                           kSetting + path.string() + " cannot be read: " + systemMessage(errno));
  }
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  const Secret text(std::move(bytes));
  if (text.exposeSecret().size() > kLargestFile) {
    return operatorFailure(ErrorKind::kInvalidValue,
                           kSetting + path.string() + " is larger than a file of keys can be");
  }
  auto keys = SecretKeys::parse(text.exposeSecret());
  if (!keys) {
    return operatorFailure(ErrorKind::kInvalidValue,
                           kSetting + path.string() + ": " + keys.error().detail);
  }
  return std::make_shared<const SecretKeys>(*std::move(keys));
}

std::optional<std::string> adviceOnSecretKeys(const Config& config) {
  const auto& path = config.database.secret_key_file;
  struct stat status {};
  if (path.empty() || ::stat(path.c_str(), &status) != 0 || (status.st_mode & S_IRWXO) == 0) {
    return std::nullopt;
  }
  return kSetting + path.string() + " may be read or replaced by everybody on this machine";
}

}  // namespace vestibule::app
