#include "http/prompt_guard.h"

#include <algorithm>

#include "base/blanks.h"
#include "base/crypto.h"
#include "base/encoding.h"
#include "base/unicode.h"

namespace vestibule::http {
namespace {

constexpr std::size_t kSecretBytes = 32;

std::string_view cookieName(bool secure) {
  return secure ? "__Secure-vestibule_prompt" : "vestibule_prompt";
}

bool isSecret(std::string_view text) {
  const auto bytes = fromBase64Url(text);
  return bytes && bytes->size() == kSecretBytes;
}

}  // namespace

std::string newPromptSecret() { return toBase64Url(randomBytes(kSecretBytes)); }

std::optional<std::string> promptSecretOf(const Request& request, bool secure) {
  for (const auto& [name, value] : request.headers.fields()) {
    if (!equalIgnoringAsciiCase(name, "Cookie")) continue;
    for (std::string_view rest = value; !rest.empty();) {
      const auto piece = rest.substr(0, rest.find(';'));
      rest.remove_prefix(std::min(rest.size(), piece.size() + 1));
      const auto pair = trimmed(piece);
      const auto equals = pair.find('=');
      if (equals == std::string_view::npos || pair.substr(0, equals) != cookieName(secure)) {
        continue;
      }
      // The cookie of the longest path comes first (RFC 6265 §5.4): ours.
      const auto secret = pair.substr(equals + 1);
      if (!isSecret(secret)) return std::nullopt;
      return std::string(secret);
    }
  }
  return std::nullopt;
}

std::string promptCookie(std::string_view secret, const PageAddress& address, bool secure) {
  return std::string(cookieName(secure)) + '=' + std::string(secret) + "; Path=" + address.path() +
         "; HttpOnly; SameSite=Lax" + (secure ? "; Secure" : "");
}

std::string promptToken(std::string_view secret, std::string_view ticket) {
  return toBase64Url(hmacSha256(secret, ticket));
}

bool isFromOwnPage(const Request& request, std::string_view ticket, std::string_view csrf,
                   bool secure) {
  // Browsers that send the field say `none` for what a person does on their own, such as a reload.
  for (const auto& [name, value] : request.headers.fields()) {
    if (equalIgnoringAsciiCase(name, "Sec-Fetch-Site") && value != "same-origin" &&
        value != "none") {
      return false;
    }
  }
  const auto secret = promptSecretOf(request, secure);
  return secret && equalConstantTime(promptToken(*secret, ticket), csrf);
}

}  // namespace vestibule::http
