#pragma once
// The resource types whose indexes a database has to hold.

#include <vector>

#include "scim/resource/index_declarations.h"
#include "scim/schema/registry.h"

namespace vestibule::store {

/// A resource type and the indexes over its resources. The registry must outlive it.
struct IndexedType {
  const scim::ResourceType* type = nullptr;
  std::vector<scim::IndexDeclaration> indexes;
};

/// Every resource type with what its schema files declare.
[[nodiscard]] std::vector<IndexedType> indexedTypes(const scim::Registry& registry);

}  // namespace vestibule::store
