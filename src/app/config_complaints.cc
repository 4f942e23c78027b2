#include "app/config_complaints.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/unicode.h"
#include "jit/language_tag.h"
#include "scim/tolerance/tolerances.h"

namespace vestibule::app {

std::string complainAboutAddress(const std::string& text) {
  if (text == "localhost") return "";
  std::array<unsigned char, sizeof(in6_addr)> parsed{};
  const bool numeric = ::inet_pton(AF_INET, text.c_str(), parsed.data()) == 1 ||
                       ::inet_pton(AF_INET6, text.c_str(), parsed.data()) == 1;
  return numeric ? "" : "must be a numeric IPv4 or IPv6 address, or localhost";
}

std::string complainAboutTolerances(const std::string& text) {
  const auto known = scim::parseTolerances(text);
  return known ? "" : "cannot be used: " + known.error().detail;
}

std::string complainAboutPublicUrl(const std::string& text) {
  if (text.empty()) return "";
  constexpr const char* kComplaint =
      "must begin with http:// or https://, name a host, and have no trailing slash, query or "
      "fragment";
  std::string_view rest = text;
  const auto scheme_end = rest.find("://");
  if (scheme_end == std::string_view::npos) return kComplaint;
  const auto scheme = rest.substr(0, scheme_end);
  rest.remove_prefix(scheme_end + 3);
  const bool plain = std::all_of(rest.begin(), rest.end(), [](char c) {
    return c > ' ' && c < 0x7F &&
           std::string_view("\"<>\\^`{|}?#@").find(c) == std::string_view::npos;
  });
  const bool good = (scheme == "http" || scheme == "https") && !rest.empty() &&
                    rest.front() != '/' && rest.back() != '/' && plain;
  return good ? "" : kComplaint;
}

std::string complainAboutDatabaseUrl(const std::string& text) {
  // The rest is the store's to judge, when it opens the database.
  return text.empty() || text.rfind("mysql://", 0) == 0 ? "" : "must begin with mysql://";
}

std::string complainAboutSchemaPrefix(const std::string& text) {
  const bool good =
      !text.empty() && text.size() <= 24 && text.front() >= 'a' && text.front() <= 'z' &&
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
  return good ? "" : "must be 1 to 24 of the characters a-z, 0-9 and _, the first a letter";
}

std::string complainAboutProgram(const std::string& text) {
  return text.empty() || text.front() == '/' ? "" : "must be an absolute path";
}

std::string complainAboutLevel(const std::string& text) {
  constexpr std::array<std::string_view, 6> kLevels = {"trace", "debug", "info",
                                                       "warn",  "error", "off"};
  const bool known = std::find(kLevels.begin(), kLevels.end(), text) != kLevels.end();
  return known ? "" : "must be trace, debug, info, warn, error or off";
}

std::string complainAboutFormat(const std::string& text) {
  return text == "text" || text == "json" ? "" : "must be text or json";
}

std::string complainAboutEmpty(const std::string& text) {
  return text.empty() ? "must not be empty" : "";
}

std::string complainAboutLine(const std::string& text) {
  constexpr std::size_t kMost = 500;
  const bool controls = std::any_of(text.begin(), text.end(),
                                    [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; });
  if (controls || !isValidUtf8(text)) return "must be one line of text in UTF-8";
  return text.size() <= kMost ? "" : "must not be longer than 500 bytes";
}

std::string complainAboutService(const std::string& text) {
  return text.empty() ? complainAboutEmpty(text) : complainAboutLine(text);
}

std::string complainAboutLanguage(const std::string& text) {
  if (text.empty() || jit::canonicalLanguage(text) == text) return "";
  return "must be a language tag such as de or pt-BR";
}

std::string complainAboutWebPage(const std::string& text) {
  const bool is_page = text.empty() || text.starts_with("https://") || text.starts_with("http://");
  if (!is_page) return "must begin with https:// or http://";
  return text.find(' ') == std::string::npos ? complainAboutLine(text) : "must hold no blank";
}

}  // namespace vestibule::app
