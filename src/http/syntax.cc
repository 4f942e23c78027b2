#include "http/syntax.h"

#include <algorithm>

#include "base/encoding.h"

namespace vestibule::http {
namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }

bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// A colon and up to five digits. RFC 3986 §3.2.3 lets the digits be left out.
bool isPort(std::string_view text) {
  return text.front() == ':' && text.size() <= 6 &&
         std::all_of(text.begin() + 1, text.end(), isDigit);
}

}  // namespace

bool isTokenChar(char c) {
  return isLetter(c) || isDigit(c) ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool isToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), isTokenChar);
}

bool isHost(std::string_view text) {
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == text.npos) return false;
    const auto address = text.substr(1, end - 1);
    if (!std::all_of(address.begin(), address.end(),
                     [](char c) { return hexDigit(c) >= 0 || c == ':' || c == '.'; })) {
      return false;
    }
    port = text.substr(end + 1);
  } else {
    const auto name = text.substr(0, text.find(':'));
    if (!std::all_of(name.begin(), name.end(), [](char c) {
          return isLetter(c) || isDigit(c) ||
                 std::string_view(".-_~").find(c) != std::string_view::npos;
        })) {
      return false;
    }
    port = text.substr(name.size());
  }
  return port.empty() || isPort(port);
}

}  // namespace vestibule::http
