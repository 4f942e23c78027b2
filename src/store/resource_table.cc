#include "store/resource_table.h"

namespace vestibule::store {
namespace {

constexpr ResourceTable kUsers{
    .name = "users",
    .shared = false,
    .attributes = "user_attributes",
    .owner = "user_seq",
    .unique_value_index = "",
    .name_column = "user_name_fold",
    .name_column_2 = "user_name_case",
    .id_index = "user_id",
    .name_index = "user_user_name",
    .external_id_index = "user_external_id",
    .created_index = "user_created",
    .modified_index = "user_modified",
};

constexpr ResourceTable kGroups{
    .name = "user_groups",
    .shared = false,
    .attributes = "group_attributes",
    .owner = "group_seq",
    .unique_value_index = "group_unique_value",
    .name_column = "display_name_key",
    .name_column_2 = "",
    .id_index = "group_id",
    .name_index = "group_display_name",
    .external_id_index = "group_external_id",
    .created_index = "group_created",
    .modified_index = "group_modified",
};

constexpr ResourceTable kResources{
    .name = "resources",
    .shared = true,
    .attributes = "resource_attributes",
    .owner = "resource_seq",
    .unique_value_index = "resource_unique_value",
    .name_column = "name_key",
    .name_column_2 = "",
    .id_index = "resource_id",
    .name_index = "resource_name",
    .external_id_index = "resource_external_id",
    .created_index = "resource_created",
    .modified_index = "resource_modified",
};

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
