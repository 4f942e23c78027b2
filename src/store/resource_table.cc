#include "store/resource_table.h"

namespace vestibule::store {
namespace {

constexpr ResourceTable kUsers{
    "users",          false,     "user_attributes", "user_seq",         "user_name_fold",
    "user_name_case", "user_id", "user_user_name",  "user_external_id", "user_created",
    "user_modified"};

constexpr ResourceTable kGroups{"user_groups",       false,
                                "group_attributes",  "group_seq",
                                "display_name_key",  "",
                                "group_id",          "group_display_name",
                                "group_external_id", "group_created",
                                "group_modified"};

constexpr ResourceTable kResources{"resources",
                                   true,
                                   "resource_attributes",
                                   "resource_seq",
                                   "name_key",
                                   "",
                                   "resource_id",
                                   "resource_name",
                                   "resource_external_id",
                                   "resource_created",
                                   "resource_modified"};

}  // namespace

const ResourceTable& tableOf(ResourceKind kind) {
  switch (kind) {
    case ResourceKind::kUser:
      return kUsers;
    case ResourceKind::kGroup:
      return kGroups;
  }
  return kResources;
}

}  // namespace vestibule::store
