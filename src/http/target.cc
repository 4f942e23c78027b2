#include "http/target.h"

#include "base/encoding.h"
#include "base/unicode.h"
#include "http/syntax.h"

namespace vestibule::http {
namespace {

constexpr Refusal kBadEscape{400, "bad percent escape in the request target"};
constexpr Refusal kBadCharacter{400, "the request target holds a character it must not"};
constexpr Refusal kNotUtf8{400, "the request target is not UTF-8"};
constexpr Refusal kBadForm{400, "the request target has no form that a server takes"};
constexpr Refusal kBadAuthority{400, "bad authority in the request target"};
constexpr Refusal kFragment{400, "a request target has no fragment"};
constexpr Refusal kTooManyParameters{400, "too many query parameters"};
constexpr Refusal kNoSuchPath{404, "no such path"};

bool isControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

/// Decodes percent escapes exactly once.
tl::expected<std::string, Refusal> decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return tl::make_unexpected(kBadEscape);
      const int high = hexDigit(text[i + 1]);
      const int low = hexDigit(text[i + 2]);
      if (high < 0 || low < 0) return tl::make_unexpected(kBadEscape);
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    } else if (c == ' ') {
      return tl::make_unexpected(kBadCharacter);
    }
    if (isControl(c)) return tl::make_unexpected(kBadCharacter);
    decoded += c;
  }
  if (!isValidUtf8(decoded)) return tl::make_unexpected(kNotUtf8);
  return decoded;
}

tl::expected<std::string, Refusal> parsePath(std::string_view raw) {
  if (raw == "/") return std::string(raw);
  if (raw.ends_with('/')) raw.remove_suffix(1);
  std::string path;
  path.reserve(raw.size());
  bool canonical = true;
  while (!raw.empty()) {
    raw.remove_prefix(1);  // the slash before the segment
    const auto segment = raw.substr(0, raw.find('/'));
    raw.remove_prefix(segment.size());
    auto decoded = decode(segment, false);
    if (!decoded) return tl::make_unexpected(decoded.error());
    // A bad escape further on is still a 400, so the answer does not depend on what comes first.
    if (decoded->empty() || *decoded == "." || *decoded == ".." ||
        decoded->find('/') != std::string::npos) {
      canonical = false;
    }
    path += '/';
    path += *decoded;
  }
  if (!canonical) return tl::make_unexpected(kNoSuchPath);
  return path;
}

tl::expected<std::vector<std::pair<std::string, std::string>>, Refusal> parseQuery(
    std::string_view raw) {
  std::vector<std::pair<std::string, std::string>> query;
  while (!raw.empty()) {
    const auto piece = raw.substr(0, raw.find('&'));
    raw.remove_prefix(std::min(raw.size(), piece.size() + 1));
    if (piece.empty()) continue;
    if (query.size() == kMaxQueryParameters) return tl::make_unexpected(kTooManyParameters);
    const auto equals = piece.find('=');
    auto name = decode(piece.substr(0, equals), true);
    if (!name) return tl::make_unexpected(name.error());
    auto value = decode(equals == piece.npos ? "" : piece.substr(equals + 1), true);
    if (!value) return tl::make_unexpected(value.error());
    query.emplace_back(std::move(*name), std::move(*value));
  }
  return query;
}

/// The length of `http://` or `https://` at the beginning, or 0.
std::size_t schemeLength(std::string_view raw) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (equalIgnoringAsciiCase(raw.substr(0, scheme.size()), scheme)) return scheme.size();
  }
  return 0;
}

}  // namespace

tl::expected<Target, Refusal> parseTarget(std::string_view raw) {
  Target target;
  if (raw == "*") {
    target.path = raw;
    return target;
  }
  if (raw.find('#') != raw.npos) return tl::make_unexpected(kFragment);
  if (const auto scheme = schemeLength(raw); scheme > 0) {
    raw.remove_prefix(scheme);
    const auto authority = raw.substr(0, raw.find_first_of("/?"));
    if (authority.empty() || !isHost(authority)) return tl::make_unexpected(kBadAuthority);
    target.authority = authority;
    raw.remove_prefix(authority.size());
  } else if (!raw.starts_with('/')) {
    return tl::make_unexpected(kBadForm);
  }
  const auto question = raw.find('?');
  const auto raw_path = raw.substr(0, question);
  auto path = parsePath(raw_path.empty() ? "/" : raw_path);
  if (!path) return tl::make_unexpected(path.error());
  target.path = std::move(*path);
  if (question != raw.npos) {
    auto query = parseQuery(raw.substr(question + 1));
    if (!query) return tl::make_unexpected(query.error());
    target.query = std::move(*query);
  }
  return target;
}

}  // namespace vestibule::http
