#include "store/indexed_types.h"

namespace vestibule::store {

std::vector<IndexedType> indexedTypes(const scim::Registry& registry) {
  std::vector<IndexedType> types;
  for (const auto& type : registry.resourceTypes()) {
    types.push_back({type.get(), scim::indexDeclarations(*type)});
  }
  return types;
}

}  // namespace vestibule::store
