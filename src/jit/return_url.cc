#include "jit/return_url.h"

#include <algorithm>

#include "base/unicode.h"
#include "jit/codes.h"

namespace vestibule::jit {
namespace {

bool isUrlCharacter(char c) {
  constexpr std::string_view kOthers = "-._~:/?[]@!$&'()*+,;=%";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kOthers.find(c) != std::string_view::npos;
}

bool isDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// A name, an IPv4 address, or an IPv6 address in brackets.
bool isHost(std::string_view host) {
  const bool v6 = host.size() > 2 && host.front() == '[' && host.back() == ']';
  const std::string_view allowed =
      v6 ? "0123456789abcdef:." : "abcdefghijklmnopqrstuvwxyz0123456789-._";
  if (v6) host = host.substr(1, host.size() - 2);
  return !host.empty() && host.find_first_not_of(allowed) == std::string_view::npos;
}

tl::unexpected<Error> unfit(std::string reason) {
  return failure(ErrorKind::kInvalidValue, std::move(reason));
}

}  // namespace

Result<std::string> originOfUrl(std::string_view url) {
  if (url.size() > kMaxReturnUrl) return unfit("the URL is longer than 2000 bytes");
  if (!std::all_of(url.begin(), url.end(), isUrlCharacter)) {
    return unfit("the URL has a fragment or a character that has to be percent-encoded");
  }
  const std::size_t colon = url.find("://");
  const std::string scheme = lowerAscii(url.substr(0, colon == std::string_view::npos ? 0 : colon));
  if (scheme != "https" && scheme != "http") return unfit("the URL must begin with https://");
  const std::string_view rest = url.substr(colon + 3);
  const std::string authority = lowerAscii(rest.substr(0, rest.find_first_of("/?")));
  if (authority.find('@') != std::string::npos) return unfit("the URL names a user");
  std::string_view host = authority;
  std::string_view port;
  const std::size_t last_colon = host.rfind(':');
  if (last_colon != std::string_view::npos &&
      host.find(']', last_colon) == std::string_view::npos) {
    port = host.substr(last_colon + 1);
    host = host.substr(0, last_colon);
    if (!isDigits(port) || port.size() > 5) return unfit("the URL's port is no number");
  }
  if (!isHost(host)) return unfit("the URL names no host");
  std::string origin = scheme + "://" + std::string(host);
  const bool own_port = port.empty() || port == (scheme == "https" ? "443" : "80");
  if (!own_port) origin.append(":").append(port);
  return origin;
}

Result<void> checkReturnUrl(std::string_view url, const std::vector<std::string>& origins) {
  const auto origin = originOfUrl(url);
  if (!origin) return refusal(kBadReturnUrl, origin.error().detail, "returnUrl");
  if (std::find(origins.begin(), origins.end(), *origin) != origins.end()) return {};
  return refusal(kBadReturnUrl,
                 "the origin " + *origin + " is none of the identity provider's returnOrigins",
                 "returnUrl");
}

std::string withParameter(std::string_view url, std::string_view name, std::string_view value) {
  std::string text(url);
  text += url.find('?') == std::string_view::npos ? '?' : '&';
  return text.append(name).append("=").append(value);
}

}  // namespace vestibule::jit
