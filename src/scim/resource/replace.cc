#include "scim/resource/replace.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "json/write.h"
#include "scim/resource/every_attribute.h"
#include "scim/resource/validate.h"
#include "scim/schema/comparison_key.h"
#include "scim/tolerance/legacy_schema_uris.h"

namespace vestibule::scim {
namespace {

void appendPart(std::string& key, const std::string& part) {
  key += std::to_string(part.size());
  key += ':';
  key += part;
}

/// Equal for values that are the same by the attribute's own comparison, lists whatever their
/// order. O(n log n).
std::string identityOf(const Attribute& attribute, const json::Value& value) {
  if (const json::Array* elements = value.array()) {
    std::vector<std::string> parts;
    parts.reserve(elements->size());
    for (const json::Value& element : *elements) parts.push_back(identityOf(attribute, element));
    std::sort(parts.begin(), parts.end());
    std::string key;
    for (const std::string& part : parts) appendPart(key, part);
    return key;
  }
  if (attribute.type == AttributeType::kComplex) {
    std::string key;
    for (const Attribute& sub : attribute.sub_attributes) {
      const json::Value* part = value.find(sub.name);
      // A missing part differs from an empty one.
      appendPart(key, part != nullptr ? "=" + identityOf(sub, *part) : std::string());
    }
    return key;
  }
  return comparisonKey(attribute, value).value_or(json::write(value));
}

/// The key of an element's `value`; nothing where there is none.
std::optional<std::string> valueKey(const Attribute& attribute, const json::Value& element) {
  const Attribute* sub = attribute.findSub("value");
  const json::Value* value = element.find("value");
  if (sub == nullptr || value == nullptr) return std::nullopt;
  Result<std::string> key = comparisonKey(*sub, *value);
  if (!key) return std::nullopt;
  return std::move(*key);
}

bool hasReadOnlySub(const Attribute& attribute) {
  for (const Attribute& sub : attribute.sub_attributes) {
    if (sub.mutability == Mutability::kReadOnly) return true;
  }
  return false;
}

void copyReadOnlySubs(const Attribute& attribute, const json::Value& from, json::Value& to) {
  json::Object* object = to.object();
  if (object == nullptr) return;
  for (const Attribute& sub : attribute.sub_attributes) {
    if (sub.mutability != Mutability::kReadOnly) continue;
    if (const json::Value* value = from.find(sub.name)) object->set(sub.name, *value);
  }
}

/// A readOnly part such as a manager's name says something about the `value` beside it, so it stays
/// only while that does.
void keepReadOnlySubs(const Attribute& attribute, const json::Value& current,
                      json::Value& replacement) {
  if (!hasReadOnlySub(attribute)) return;
  if (!attribute.multi_valued) {
    if (valueKey(attribute, current) == valueKey(attribute, replacement)) {
      copyReadOnlySubs(attribute, current, replacement);
    }
    return;
  }
  if (current.array() == nullptr || replacement.array() == nullptr) return;
  std::map<std::string, const json::Value*> by_value;
  for (const json::Value& element : *current.array()) {
    if (std::optional<std::string> key = valueKey(attribute, element)) {
      by_value.emplace(std::move(*key), &element);
    }
  }
  for (json::Value& element : *replacement.array()) {
    const std::optional<std::string> key = valueKey(attribute, element);
    const auto found = key ? by_value.find(*key) : by_value.end();
    if (found != by_value.end()) copyReadOnlySubs(attribute, *found->second, element);
  }
}

/// Immutable, or hidden from the client that sends the replacement: absence does not mean removal.
bool outlivesAbsence(const Attribute& attribute) {
  return attribute.mutability == Mutability::kImmutable || attribute.returned == Returned::kNever;
}

/// Holds the replacement of one value, `ref`'s, to the rules.
Result<void> keepOne(const AttributeRef& ref, const json::Object& current,
                     json::Object& replacement) {
  const json::Value* old_value = valueAt(current, ref);
  if (old_value == nullptr) return {};
  const Attribute& attribute = ref.target();
  const json::Value* sent = valueAt(replacement, ref);
  if (attribute.mutability == Mutability::kReadOnly) {
    assignAt(replacement, ref, *old_value);
    return {};
  }
  if (sent == nullptr) {
    if (outlivesAbsence(attribute)) assignAt(replacement, ref, *old_value);
    return {};
  }
  json::Value new_value = *sent;
  keepReadOnlySubs(attribute, *old_value, new_value);
  if (attribute.mutability == Mutability::kImmutable &&
      identityOf(attribute, *old_value) != identityOf(attribute, new_value)) {
    const std::string path = ref.text();
    return failure(ErrorKind::kMutability, "'" + path + "' cannot be changed", path);
  }
  assignAt(replacement, ref, std::move(new_value));
  return {};
}

Result<void> keepAttribute(const AttributeRef& ref, const json::Object& current,
                           json::Object& replacement) {
  const Attribute& attribute = *ref.attribute;
  if (attribute.relation) return {};
  if (Result<void> kept = keepOne(ref, current, replacement); !kept) return kept;
  // Elements of a list come and go whatever their parts are; only the parts of a single value are
  // held to the rules, also where the whole of it was left out. Parts that are readOnly have gone
  // with the value they describe.
  const json::Value* old_value = valueAt(current, ref);
  if (attribute.multi_valued || old_value == nullptr) return {};
  const bool left_out = valueAt(replacement, ref) == nullptr;
  for (const Attribute& sub : attribute.sub_attributes) {
    if (sub.mutability == Mutability::kReadOnly) continue;
    AttributeRef sub_ref = ref;
    sub_ref.sub = &sub;
    if (Result<void> kept = keepOne(sub_ref, current, replacement); !kept) return kept;
  }
  const json::Value* remaining = valueAt(replacement, ref);
  if (left_out && remaining != nullptr) {
    json::Value value = *remaining;
    keepReadOnlySubs(attribute, *old_value, value);
    assignAt(replacement, ref, std::move(value));
  }
  return {};
}

/// Whether a body, as it was sent, has a member for the attribute, under whatever name its schema
/// goes.
bool isNamed(const ResourceType& type, const json::Object& body, const AttributeRef& ref,
             Tolerating tolerating) {
  if (!ref.in_extension) return body.findIgnoringCase(ref.attribute->name) != nullptr;
  return std::any_of(body.begin(), body.end(), [&](const json::Member& member) {
    const json::Object* values = member.value.object();
    return type.findExtension(currentSchemaUri(member.key, type, tolerating)) == ref.schema &&
           (values == nullptr || values->findIgnoringCase(ref.attribute->name) != nullptr);
  });
}

}  // namespace

Result<void> keepFromCurrent(const ResourceType& type, const json::Object& current,
                             json::Object& replacement) {
  Result<void> kept;
  forEveryAttribute(type, [&](const AttributeRef& ref) {
    if (kept) kept = keepAttribute(ref, current, replacement);
  });
  return kept;
}

void keepLeftOut(const ResourceType& type, const json::Object& current, const json::Value& body,
                 Tolerating tolerating, json::Object& replacement) {
  const json::Object* sent = body.object();
  if (sent == nullptr || !tolerating.allows(Tolerance::kPutAbsentKeep)) return;
  forEveryAttribute(type, [&](const AttributeRef& ref) {
    const bool survives_anyway =
        ref.attribute->mutability == Mutability::kReadOnly || outlivesAbsence(*ref.attribute);
    if (ref.attribute->relation || survives_anyway) return;
    const json::Value* value = valueAt(current, ref);
    if (value == nullptr || isNamed(type, *sent, ref, tolerating)) return;
    if (tolerating.accepts(Tolerance::kPutAbsentKeep)) assignAt(replacement, ref, *value);
  });
}

}  // namespace vestibule::scim
