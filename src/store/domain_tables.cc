#include "store/domain_tables.h"

#include <cassert>

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

}  // namespace vestibule::store
