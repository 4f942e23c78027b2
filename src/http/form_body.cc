#include "http/form_body.h"

#include <algorithm>

#include "base/blanks.h"
#include "base/encoding.h"
#include "base/unicode.h"

namespace vestibule::http {
namespace {

tl::unexpected<Error> malformed(std::string_view what) {
  return failure(ErrorKind::kInvalidSyntax, "the form " + std::string(what));
}

Result<std::string> decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return malformed("holds a bad percent escape");
      const int high = hexDigit(text[i + 1]);
      const int low = hexDigit(text[i + 2]);
      if (high < 0 || low < 0) return malformed("holds a bad percent escape");
      c = static_cast<char>(high * 16 + low);
      if (c == '\0') return malformed("holds a NUL");
      i += 2;
    } else if (c == '+') {
      c = ' ';
    } else if (static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7F) {
      return malformed("holds a byte that had to be percent-encoded");
    }
    decoded += c;
  }
  if (!isValidUtf8(decoded)) return malformed("is not UTF-8");
  return decoded;
}

}  // namespace

bool isFormBody(std::string_view content_type) {
  const auto semicolon = content_type.find(';');
  const auto type = trimmed(content_type.substr(0, semicolon));
  if (!equalIgnoringAsciiCase(type, "application/x-www-form-urlencoded")) return false;
  if (semicolon == std::string_view::npos) return true;
  const auto parameter = trimmed(content_type.substr(semicolon + 1));
  return equalIgnoringAsciiCase(parameter, "charset=utf-8") ||
         equalIgnoringAsciiCase(parameter, "charset=\"utf-8\"");
}

Result<FormFields> parseFormBody(std::string_view body, const FormLimits& limits) {
  if (body.size() > limits.bytes) {
    return failure(ErrorKind::kPayloadTooLarge, "the form is too large");
  }
  FormFields fields;
  if (body.empty()) return fields;
  for (bool more = true; more;) {
    const auto end = body.find('&');
    const auto pair = body.substr(0, end);
    more = end != std::string_view::npos;
    if (more) body.remove_prefix(end + 1);
    if (fields.size() == limits.fields) {
      return failure(ErrorKind::kPayloadTooLarge, "the form has too many fields");
    }
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) return malformed("has a field without a value");
    if (equals == 0) return malformed("has a field without a name");
    auto name = decode(pair.substr(0, equals));
    if (!name) return propagate(name);
    auto value = decode(pair.substr(equals + 1));
    if (!value) return propagate(value);
    fields.emplace_back(*std::move(name), *std::move(value));
  }
  return fields;
}

}  // namespace vestibule::http
