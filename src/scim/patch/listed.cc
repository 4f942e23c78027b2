#include "scim/patch/listed.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "scim/resource/canonicalize.h"

namespace vestibule::scim {
namespace {

/// This sub-attribute (null: the element itself) has this key.
struct Condition {
  const Attribute* sub = nullptr;
  std::string key;
};

bool satisfies(const Attribute& attribute, const json::Value& element, const Condition& condition) {
  if (condition.sub == nullptr) return equalityKey(attribute, element) == condition.key;
  const json::Value* value = element.find(condition.sub->name);
  return value != nullptr && equalityKey(*condition.sub, *value) == condition.key;
}

/// Reads entries of the list.
class ListReader {
 public:
  ListReader(const PatchContext& context, const AttributeRef& attribute)
      : context_(context), attribute_(attribute), definition_(*attribute.attribute) {}

  Result<std::vector<Condition>> read(const json::Value& entry) const {
    std::vector<Condition> conditions;
    const Attribute* value = definition_.findSub("value");
    if (definition_.type != AttributeType::kComplex) {
      Result<json::Array> canonical = canonicalElements(context_, attribute_, entry);
      if (!canonical) return propagate(canonical);
      for (const json::Value& element : *canonical) {
        conditions.push_back({nullptr, equalityKey(definition_, element)});
      }
    } else if (const json::Object* object = entry.object()) {
      for (const json::Member& member : *object) {
        if (Result<void> read = readMember(member, conditions); !read) return propagate(read);
      }
    } else if (value != nullptr && entry.isString() &&
               context_.tolerating.accepts(Tolerance::kStringManager)) {
      Result<void> read = readMember({value->name, entry}, conditions);
      if (!read) return propagate(read);
    }
    if (conditions.empty()) {
      return failure(ErrorKind::kInvalidValue,
                     "'" + attribute_.text() + "': a value to remove must say what it is",
                     attribute_.text());
    }
    return conditions;
  }

 private:
  Result<void> readMember(const json::Member& member, std::vector<Condition>& conditions) const {
    const Attribute* sub = definition_.findSub(member.key);
    if (sub == nullptr) {
      const ValueRules rules{context_.tolerating, context_.limits, true};
      return meetUnknownName(attribute_.text() + ".", member.key, rules);
    }
    // What only the server writes is an echo, and does not choose.
    if (sub->mutability == Mutability::kReadOnly) return {};
    AttributeRef ref = attribute_;
    ref.sub = sub;
    Result<json::Value> canonical =
        canonicalValue(ref, member.value, context_.tolerating, context_.limits);
    if (!canonical) return propagate(canonical);
    const bool absent = canonical->isNull() ||
                        (sub->name == "primary" && canonical->isBool() && !*canonical->boolean());
    if (!absent) conditions.push_back({sub, equalityKey(*sub, *canonical)});
    return {};
  }

  const PatchContext& context_;
  const AttributeRef& attribute_;
  const Attribute& definition_;
};

}  // namespace

Result<void> removeListed(PatchContext& context, const AttributeRef& attribute,
                          const json::Value& values, json::Array& elements) {
  const ListReader reader(context, attribute);
  const json::Array single{values};
  for (const json::Value& entry : values.isArray() ? *values.array() : single) {
    Result<std::vector<Condition>> conditions = reader.read(entry);
    if (!conditions) return propagate(conditions);
    if (Result<void> paid = context.budget.look(elements, conditions->size()); !paid) {
      return paid;
    }
    std::erase_if(elements, [&](const json::Value& element) {
      return std::all_of(conditions->begin(), conditions->end(), [&](const Condition& condition) {
        return satisfies(*attribute.attribute, element, condition);
      });
    });
  }
  return {};
}

}  // namespace vestibule::scim
