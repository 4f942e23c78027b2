#include "store/domain_tables.h"

#include <cassert>

#include "base/unicode.h"

namespace vestibule::store {

std::string quoteName(std::string_view name) {
  std::string quoted = "`";
  for (const char c : name) {
    if (c == '`') quoted += c;
    quoted += c;
  }
  quoted += '`';
  return quoted;
}

std::string unquoteName(std::string_view quoted) {
  assert(quoted.size() >= 2 && quoted.front() == '`' && quoted.back() == '`');
  quoted = quoted.substr(1, quoted.size() - 2);
  std::string name;
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    name += quoted[i];
    if (quoted[i] == '`') ++i;
  }
  return name;
}

std::string schemaNameOf(const std::string& prefix, const DomainName& name, DomainNumber number) {
  const std::string text = prefix + "_" + lowerAscii(name.value());
  return number.value() == kPrimaryNumber ? text : text + "_" + std::to_string(number.value());
}

}  // namespace vestibule::store
