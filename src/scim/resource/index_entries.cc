// What the index table holds about a resource.

#include <algorithm>

#include "scim/resource/elements.h"
#include "scim/resource/every_attribute.h"
#include "scim/resource/validate.h"
#include "scim/schema/comparison_key.h"

namespace vestibule::scim {
namespace {

/// Adds a value, or each value of an array. A stored value that does not fit its attribute (the
/// schema was changed since) has no key and cannot be found, as `evaluate` cannot find it either.
void addValue(const Attribute& attribute, const json::Value& value,
              std::vector<IndexEntry>& entries) {
  if (const json::Array* values = value.array()) {
    for (const json::Value& element : *values) addValue(attribute, element, entries);
    return;
  }
  if (Result<std::string> key = comparisonKey(attribute, value)) {
    entries.push_back(
        {attribute.index, indexKey(std::move(*key)), attribute.uniqueness != Uniqueness::kNone});
  }
}

void addSub(const Attribute& sub, const json::Value& value, std::vector<IndexEntry>& entries) {
  if (const json::Array* elements = value.array()) {
    for (const json::Value& element : *elements) addSub(sub, element, entries);
    return;
  }
  if (const json::Value* part = partOf(sub, value)) addValue(sub, *part, entries);
}

}  // namespace

std::vector<IndexEntry> indexEntries(const ResourceType& type, const json::Object& resource) {
  std::vector<IndexEntry> entries;
  forEveryAttribute(type, [&](const AttributeRef& ref) {
    const Attribute& attribute = *ref.attribute;
    if (attribute.relation) return;
    const json::Value* value = valueAt(resource, ref);
    if (value == nullptr) return;
    if (attribute.index != 0) addValue(attribute, *value, entries);
    for (const Attribute& sub : attribute.sub_attributes) {
      if (sub.index != 0) addSub(sub, *value, entries);
    }
  });
  std::sort(entries.begin(), entries.end());
  entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
  return entries;
}

}  // namespace vestibule::scim
