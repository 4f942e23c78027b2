#include "jose/key_location.h"

#include <algorithm>

#include "base/unicode.h"

namespace vestibule::jose {
namespace {

constexpr std::size_t kMaxBytes = 2'000;
constexpr std::string_view kHttps = "https://";
constexpr std::string_view kFile = "file://";

tl::unexpected<Error> bad(std::string reason) {
  return failure(ErrorKind::kInvalidValue, std::move(reason));
}

bool startsWithScheme(std::string_view text, std::string_view scheme) {
  return text.size() >= scheme.size() &&
         equalIgnoringAsciiCase(text.substr(0, scheme.size()), scheme);
}

}  // namespace

Result<KeyLocation> readKeyLocation(std::string_view text) {
  if (text.size() > kMaxBytes) return bad("is longer than 2000 bytes");
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!plain) return bad("has white space or characters beyond ASCII");
  if (text.starts_with('/')) return KeyLocation{true, std::string(text)};
  if (startsWithScheme(text, kFile)) {
    const std::string_view path = text.substr(kFile.size());
    if (!path.starts_with('/') || path.find('%') != std::string_view::npos) {
      return bad("must be file:// and an absolute path that is not percent-encoded");
    }
    return KeyLocation{true, std::string(path)};
  }
  if (startsWithScheme(text, "http://")) {
    return bad("must be https: over http anybody on the way could put keys of his own");
  }
  if (!startsWithScheme(text, kHttps)) return bad("must be an https URL or an absolute path");
  const std::string_view rest = text.substr(kHttps.size());
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.empty() || authority.starts_with(':')) return bad("names no host");
  if (authority.find('@') != std::string_view::npos) return bad("must not name a user");
  if (text.find('#') != std::string_view::npos) return bad("must not have a fragment");
  return KeyLocation{false, std::string(text)};
}

}  // namespace vestibule::jose
