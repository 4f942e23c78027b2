#include "scim/resource/elements.h"

#include <algorithm>
#include <map>
#include <string>

#include "json/write.h"
#include "scim/schema/comparison_key.h"

namespace vestibule::scim {
namespace {

constexpr std::string_view kPrimary = "primary";

/// The key of a sub-attribute's value; the text of the value where there is no such key.
std::string partKey(const Attribute* sub, const json::Value* value) {
  if (sub == nullptr || value == nullptr) return {};
  return comparisonKey(*sub, *value).value_or(json::write(*value));
}

std::string elementKey(const Attribute& attribute, const json::Value& element) {
  if (attribute.type != AttributeType::kComplex) {
    return comparisonKey(attribute, element).value_or(json::write(element));
  }
  const json::Value* value = element.find("value");
  if (value == nullptr) return "o" + json::write(element);
  const std::string type = partKey(attribute.findSub("type"), element.find("type"));
  return "v" + std::to_string(type.size()) + ":" + type +
         partKey(attribute.findSub("value"), value);
}

/// Makes an element primary with its members still in schema order.
void makePrimary(const Attribute& attribute, json::Object& element) {
  json::Object ordered;
  for (const Attribute& sub : attribute.sub_attributes) {
    if (sub.name == kPrimary) {
      ordered.set(sub.name, true);
    } else if (json::Value* part = element.find(sub.name)) {
      ordered.set(sub.name, std::move(*part));
    }
  }
  element = std::move(ordered);
}

bool isPrimary(const json::Value& element) { return element.boolAt(kPrimary) == true; }

}  // namespace

const json::Value* partOf(const Attribute& sub, const json::Value& element) {
  static const json::Value kNotPrimary(false);
  const json::Value* value = element.find(sub.name);
  const bool flag = sub.name == kPrimary && sub.type == AttributeType::kBoolean;
  return value == nullptr && flag ? &kNotPrimary : value;
}

void removeRepeated(const Attribute& attribute, json::Array& elements) {
  if (elements.size() < 2) return;
  const bool has_primary = attribute.findSub(kPrimary) != nullptr;
  // Ordered, like every set of what clients send: whoever knows a hash can make it slow.
  std::map<std::string, std::size_t> kept_at;
  json::Array kept;
  kept.reserve(elements.size());
  for (json::Value& element : elements) {
    const auto [known, is_new] = kept_at.emplace(elementKey(attribute, element), kept.size());
    if (is_new) {
      kept.push_back(std::move(element));
    } else if (has_primary && isPrimary(element)) {
      makePrimary(attribute, *kept[known->second].object());
    }
  }
  elements = std::move(kept);
}

Result<void> checkOnePrimary(const Attribute& attribute, const json::Array& elements,
                             const std::string& path) {
  const Attribute* primary = attribute.findSub(kPrimary);
  if (primary == nullptr || primary->type != AttributeType::kBoolean) return {};
  if (std::count_if(elements.begin(), elements.end(), isPrimary) > 1) {
    return failure(ErrorKind::kInvalidValue, "only one element of '" + path + "' can be primary",
                   path);
  }
  return {};
}

}  // namespace vestibule::scim
