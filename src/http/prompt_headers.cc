#include "http/prompt_headers.h"

#include <algorithm>
#include <array>

#include "base/unicode.h"
#include "http/syntax.h"

namespace vestibule::http {
namespace {

constexpr std::array<std::string_view, 7> kForbiddenSchemes = {
    "javascript", "data", "vbscript", "file", "blob", "about", "filesystem"};

bool isScheme(std::string_view text) {
  if (text.empty() || text.size() > 32) return false;
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return letter(text.front()) && std::all_of(text.begin(), text.end(), [&](char c) {
           return letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
         });
}

}  // namespace

std::string returnSource(std::string_view return_url) {
  const auto colon = return_url.find(':');
  if (colon == std::string_view::npos) return {};
  const auto scheme = lowerAscii(return_url.substr(0, colon));
  if (!isScheme(scheme) || std::find(kForbiddenSchemes.begin(), kForbiddenSchemes.end(), scheme) !=
                               kForbiddenSchemes.end()) {
    return {};
  }
  if (scheme != "http" && scheme != "https") return scheme + ':';
  auto rest = return_url.substr(colon + 1);
  if (!rest.starts_with("//")) return {};
  rest.remove_prefix(2);
  const auto host = rest.substr(0, rest.find_first_of("/?#\\"));
  const bool plain = std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == ':' || c == '_';
  });
  if (host.empty() || !plain || !isHost(host)) return {};
  return scheme + "://" + lowerAscii(host);
}

void setPageHeaders(Response& response, const LanguageTexts& texts, std::string_view return_url) {
  auto& headers = response.headers;
  auto form_action = std::string("'self'");
  if (const auto source = returnSource(return_url); !source.empty()) form_action += ' ' + source;
  headers.set("Content-Type", "text/html; charset=utf-8");
  headers.set("Content-Language", texts.tag());
  headers.set("Vary", "Accept, Accept-Language, Cookie");
  headers.set("Cache-Control", "no-store");
  headers.set("Content-Security-Policy",
              "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
              "font-src 'self'; connect-src 'self'; form-action " +
                  form_action + "; frame-ancestors 'none'; base-uri 'none'");
  headers.set("X-Frame-Options", "DENY");
  headers.set("X-Content-Type-Options", "nosniff");
  headers.set("Referrer-Policy", "no-referrer");
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Resource-Policy", "same-origin");
  headers.set("X-Robots-Tag", "noindex");
}

}  // namespace vestibule::http
