#include "jose/key_location.h"

#include "base/unicode.h"
#include "jose/remote_url.h"

namespace vestibule::jose {
namespace {

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
  if (const auto fault = faultOfCharacters(text); !fault.empty()) return bad(std::string(fault));
  if (text.starts_with('/')) return KeyLocation{true, std::string(text)};
  if (startsWithScheme(text, kFile)) {
    const std::string_view path = text.substr(kFile.size());
    if (!path.starts_with('/') || path.find('%') != std::string_view::npos) {
      return bad("must be file:// and an absolute path that is not percent-encoded");
    }
    return KeyLocation{true, std::string(path)};
  }
  if (!startsWithScheme(text, "https://") && !startsWithScheme(text, "http://")) {
    return bad("must be an https URL or an absolute path");
  }
  auto url = readRemoteUrl(text);
  if (!url) return propagate(url);
  if (!url->is_https) {
    return bad("must be https: over http anybody on the way could put keys of his own");
  }
  return KeyLocation{false, std::string(text)};
}

}  // namespace vestibule::jose
