#pragma once
// Going through what a resource may have.

#include "scim/schema/common_attributes.h"
#include "scim/schema/registry.h"

namespace vestibule::scim {

/// Calls `visit(AttributeRef)` for `externalId`, every core attribute and every attribute of the
/// extensions, in schema order.
template <typename Visit>
void forEveryAttribute(const ResourceType& type, Visit visit) {
  visit(AttributeRef{nullptr, false, commonAttributes().find("externalId"), nullptr});
  for (const Attribute& attribute : type.schema->attributes) {
    visit(AttributeRef{type.schema, false, &attribute, nullptr});
  }
  for (const SchemaExtension& extension : type.extensions) {
    for (const Attribute& attribute : extension.schema->attributes) {
      visit(AttributeRef{extension.schema, true, &attribute, nullptr});
    }
  }
}

}  // namespace vestibule::scim
