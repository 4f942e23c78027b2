#include "store/database_url.h"

#include <charconv>
#include <cstddef>
#include <optional>
#include <set>

#include "base/encoding.h"

namespace vestibule::store {
namespace {

constexpr std::string_view kScheme = "mysql://";

tl::unexpected<Error> badUrl(const std::string& what) {
  return failure(ErrorKind::kInvalidValue, "the database URL " + what);
}

/// Nothing for a broken escape and for NUL, which would cut the text short in the client library.
std::optional<std::string> decodePercent(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hexDigit(text[i + 1]);
      const int low = hexDigit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0') return std::nullopt;
    out += c;
  }
  return out;
}

Result<void> readHost(std::string_view text, DatabaseUrl& url) {
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return badUrl("has a host without its closing bracket");
    url.host = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    if (!text.empty() && !text.starts_with(':')) return badUrl("has text behind its host");
    if (!text.empty()) port = text.substr(1);
    if (text == ":") return badUrl("has an empty port");
  } else {
    const auto colon = text.find(':');
    const auto host = decodePercent(text.substr(0, colon));
    if (!host) return badUrl("has a broken %-escape in its host");
    url.host = *host;
    if (colon != std::string_view::npos) {
      port = text.substr(colon + 1);
      if (port.empty()) return badUrl("has an empty port");
    }
  }
  // The client library takes "name://" in a host for the name of a plugin to load.
  if (url.host.find('/') != std::string::npos) return badUrl("has a host with a slash in it");
  if (port.empty()) return {};
  const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), url.port);
  if (problem != std::errc{} || end != port.data() + port.size() || url.port == 0 ||
      url.port > 65535) {
    return badUrl("has a port that is not a number from 1 to 65535");
  }
  return {};
}

Result<void> readUser(std::string_view text, DatabaseUrl& url) {
  const auto colon = text.find(':');
  const auto user = decodePercent(text.substr(0, colon));
  const auto password =
      decodePercent(colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1));
  if (!user || !password) return badUrl("has a broken %-escape in its user or password");
  if (user->empty()) return badUrl("names no user");
  url.user = *user;
  url.password = *password;
  return {};
}

Result<void> readParameters(std::string_view text, DatabaseUrl& url) {
  std::optional<bool> verify;
  std::set<std::string_view> seen;
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    const auto equals = pair.find('=');
    const auto key = pair.substr(0, equals);
    if (equals == std::string_view::npos) return badUrl("has a parameter without `=`");
    if (!seen.insert(key).second) return badUrl("has a parameter twice");
    const auto value = decodePercent(pair.substr(equals + 1));
    if (!value || value->empty()) return badUrl("has an empty or broken parameter");
    if (key == "socket") {
      url.socket = *value;
    } else if (key == "ssl_ca") {
      url.ssl_ca = *value;
    } else if (key == "ssl_cert") {
      url.ssl_cert = *value;
    } else if (key == "ssl_key") {
      url.ssl_key = *value;
    } else if (key == "ssl_verify" && (*value == "true" || *value == "false")) {
      verify = *value == "true";
    } else if (key == "ssl_verify") {
      return badUrl("has an `ssl_verify` that is neither `true` nor `false`");
    } else {
      return badUrl(
          "has an unknown parameter; known are socket, ssl_ca, ssl_cert, ssl_key and ssl_verify");
    }
  }
  url.ssl_verify = verify.value_or(!url.ssl_ca.empty());
  return {};
}

}  // namespace

Result<DatabaseUrl> parseDatabaseUrl(std::string_view text) {
  if (!text.starts_with(kScheme)) return badUrl("does not begin with `mysql://`");
  text.remove_prefix(kScheme.size());
  if (text.find('#') != std::string_view::npos) return badUrl("has a `#` that is not written %23");

  const auto question = text.find('?');
  const auto parameters =
      question == std::string_view::npos ? std::string_view{} : text.substr(question + 1);
  text = text.substr(0, question);
  const auto slash = text.find('/');
  if (slash != std::string_view::npos && slash + 1 != text.size()) {
    return badUrl("names a schema; schemas are named by `schema_prefix`");
  }
  text = text.substr(0, slash);

  DatabaseUrl url;
  const auto at = text.rfind('@');
  if (at == std::string_view::npos) return badUrl("names no user");
  if (auto read = readUser(text.substr(0, at), url); !read) return propagate(read);
  if (auto read = readHost(text.substr(at + 1), url); !read) return propagate(read);
  if (auto read = readParameters(parameters, url); !read) return propagate(read);

  if (url.host.empty() && url.socket.empty()) return badUrl("names neither a host nor a socket");
  if (!url.socket.empty() && (!url.host.empty() || url.port != 0)) {
    return badUrl("names both a host and a socket");
  }
  if (url.ssl_cert.empty() != url.ssl_key.empty()) {
    return badUrl("needs both `ssl_cert` and `ssl_key`, or neither");
  }
  if (!url.socket.empty() && url.wantsTls()) return badUrl("asks for TLS on a Unix socket");
  return url;
}

}  // namespace vestibule::store
