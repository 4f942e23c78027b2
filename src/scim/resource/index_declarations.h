#pragma once
// Which indexes the schema files declare, and what makes the keys in them.

#include <cstdint>
#include <string>
#include <vector>

#include "scim/schema/registry.h"

namespace vestibule::scim {

/// An index over the values of one attribute of a resource type.
struct IndexDeclaration {
  std::uint16_t number = 0;  ///< 0: the naming attribute, whose key is a column of its own
  std::string attribute;     ///< its path; empty for a type without a naming attribute
  /// All that the keys depend on, as text: keys that were made under an equal meaning are equal.
  std::string meaning;
};

/// The naming attribute first, then every attribute with an index number, in schema order.
[[nodiscard]] std::vector<IndexDeclaration> indexDeclarations(const ResourceType& type);

}  // namespace vestibule::scim
