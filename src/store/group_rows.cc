#include "store/group_rows.h"

#include <algorithm>

#include "base/unicode.h"
#include "store/statement_text.h"
#include "store/user_rows.h"

namespace vestibule::store {
namespace {

constexpr std::size_t kDisplayNameCharacters = 255;
constexpr std::size_t kDisplayNameKeyBytes = 1'020;

}  // namespace

Result<void> checkGroupWrite(const GroupWrite& group) {
  if (codePointCount(group.keys.display_name) > kDisplayNameCharacters ||
      group.keys.display_name_key.size() > kDisplayNameKeyBytes) {
    return failure(ErrorKind::kInvalidValue, "displayName is too long", "displayName");
  }
  return checkDocument(group.document);
}

std::string memberRows(std::string_view group, const std::vector<std::uint64_t>& users,
                       std::size_t from) {
  const std::size_t end = std::min(users.size(), from + kMembersPerStatement);
  std::string rows;
  rows.reserve((end - from) * (group.size() + 14));
  for (std::size_t i = from; i < end; ++i) {
    if (i > from) rows += ',';
    rows += '(';
    rows += group;
    rows += ',';
    rows += std::to_string(users[i]);
    rows += ",1)";
  }
  return rows;
}

}  // namespace vestibule::store
