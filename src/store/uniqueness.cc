#include "store/uniqueness.h"

#include <array>
#include <string_view>

namespace vestibule::store {
namespace {

struct UniqueIndex {
  std::string_view name;
  std::string_view attribute;
  std::string_view detail;
};

constexpr std::array<UniqueIndex, 3> kIndexes = {{
    {"user_user_name", "userName", "another user has this userName"},
    {"group_display_name", "displayName", "another group has this displayName"},
    {"federated_identity_subject", "subject", "the subject is linked to a user already"},
}};

}  // namespace

Error nameDuplicate(const Session& session, Error error) {
  if (session.failure() != Failure::kDuplicate) return error;
  for (const auto& index : kIndexes) {
    if (session.duplicateKey() != index.name) continue;
    error.kind = ErrorKind::kUniqueness;
    error.detail = index.detail;
    error.attribute = index.attribute;
    return error;
  }
  // Any other key is ours alone, such as the random id.
  error.kind = ErrorKind::kInternal;
  error.detail = "internal error";
  return error;
}

}  // namespace vestibule::store
