#include "directory/resource_name.h"

#include <algorithm>

#include "base/unicode.h"

namespace vestibule::directory {

std::string_view faultOfName(std::string_view name) {
  constexpr std::size_t kCharacters = 255;
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (name.empty()) return "is empty";
  if (!isValidUtf8(name)) return "is no valid UTF-8";
  if (codePointCount(name) > kCharacters) return "is longer than 255 characters";
  if (std::any_of(name.begin(), name.end(), is_control)) return "has a control character";
  if (name.find('/') != std::string_view::npos) return "has a '/'";
  if (name == "." || name == "..") return "means a folder";
  if (name.front() == ' ' || name.back() == ' ') return "begins or ends with a space";
  return {};
}

}  // namespace vestibule::directory
