#include "store/server_version.h"

#include <charconv>
#include <string>
#include <tuple>

#include "base/unicode.h"

namespace vestibule::store {
namespace {

/// What a MariaDB puts before its version for old replicas.
constexpr std::string_view kReplicationPrefix = "5.5.5-";

}  // namespace

bool ServerVersion::supported() const {
  const auto version = std::tuple(major, minor, patch);
  return mariadb ? version >= std::tuple(10U, 6U, 0U) : version >= std::tuple(8U, 0U, 21U);
}

std::optional<ServerVersion> parseServerVersion(std::string_view version,
                                                std::string_view comment) {
  ServerVersion parsed;
  const auto names = lowerAscii(version) + " " + lowerAscii(comment);
  parsed.mariadb = names.find("mariadb") != std::string::npos;
  if (parsed.mariadb && version.starts_with(kReplicationPrefix)) {
    version.remove_prefix(kReplicationPrefix.size());
  }
  const char* end = version.data() + version.size();
  const auto major = std::from_chars(version.data(), end, parsed.major);
  if (major.ec != std::errc{} || major.ptr == end || *major.ptr != '.') return std::nullopt;
  const auto minor = std::from_chars(major.ptr + 1, end, parsed.minor);
  if (minor.ec != std::errc{}) return std::nullopt;
  if (minor.ptr != end && *minor.ptr == '.') {
    std::from_chars(minor.ptr + 1, end, parsed.patch);  // 0 where there is none
  }
  return parsed;
}

}  // namespace vestibule::store
