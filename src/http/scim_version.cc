#include "http/scim_version.h"

#include "http/error_response.h"

namespace vestibule::http {
namespace {

constexpr std::string_view kServed = "v2";

/// What is behind `/domains/{domain}`, or the whole path.
std::string_view belowDomain(std::string_view path) {
  constexpr std::string_view kDomains = "/domains/";
  if (!path.starts_with(kDomains)) return path;
  const auto slash = path.find('/', kDomains.size());
  return slash == std::string_view::npos ? std::string_view{} : path.substr(slash);
}

/// True for `v` and a number, as in `v1` or `v2.1`.
bool isVersion(std::string_view segment) {
  if (segment.size() < 2 || (segment.front() != 'v' && segment.front() != 'V')) return false;
  segment.remove_prefix(1);
  return segment.front() != '.' && segment.back() != '.' &&
         segment.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

std::optional<Response> refuseOtherVersion(std::string_view path) {
  constexpr std::string_view kScim = "/scim/";
  path = belowDomain(path);
  if (!path.starts_with(kScim)) return std::nullopt;
  path.remove_prefix(kScim.size());
  const auto segment = path.substr(0, path.find('/'));
  if (!isVersion(segment) || segment.substr(1) == kServed.substr(1)) return std::nullopt;
  return scimError(Error{ErrorKind::kInvalidVersion,
                         "this server speaks SCIM 2.0 only: the base URL ends in /scim/v2",
                         {},
                         {},
                         {}});
}

}  // namespace vestibule::http
