#include "scim/patch/element.h"

#include <algorithm>
#include <utility>

#include "json/write.h"
#include "scim/resource/canonicalize.h"
#include "scim/schema/comparison_key.h"

namespace vestibule::scim {
namespace {

constexpr std::string_view kPrimary = "primary";

/// A part of a key that cannot run into the next one.
void appendPart(std::string& out, std::string_view part) {
  out += std::to_string(part.size());
  out += ':';
  out += part;
}

std::string simpleKey(const Attribute& attribute, const json::Value& value) {
  if (const json::Array* array = value.array()) {
    std::string key;
    for (const json::Value& element : *array) appendPart(key, simpleKey(attribute, element));
    return key;
  }
  Result<std::string> key = comparisonKey(attribute, value);
  // Data stored under an older schema may be of another type; its text then stands for it.
  return key ? std::move(*key) : json::write(value);
}

void appendSub(std::string& out, const Attribute& sub, const json::Value& element) {
  const json::Value* value = element.find(sub.name);
  if (value == nullptr) return;
  if (sub.name == kPrimary && !isPrimary(element)) return;
  appendPart(out, sub.name);
  appendPart(out, simpleKey(sub, *value));
}

bool isTrue(const json::Value& value) { return value.boolean() != nullptr && *value.boolean(); }

/// What it takes to compare the value: one, and one more for every 64 bytes of text.
std::size_t workOf(const json::Value& value) {
  constexpr std::size_t kBytes = 64;
  std::size_t work = 1;
  if (const std::string* text = value.string()) work += text->size() / kBytes;
  if (const json::Object* object = value.object()) {
    for (const json::Member& member : *object) {
      const std::string* text = member.value.string();
      if (text != nullptr) work += text->size() / kBytes;
    }
  }
  return work;
}

AttributeRef subOf(const AttributeRef& attribute, const Attribute& sub) {
  AttributeRef ref = attribute;
  ref.sub = &sub;
  return ref;
}

}  // namespace

Result<void> PatchBudget::look(const json::Array& elements, std::size_t times) {
  std::size_t work = 0;
  for (const json::Value& element : elements) work += workOf(element);
  if (times != 0 && work > (kMaxPatchWork - looked_) / times) {
    return failure(ErrorKind::kTooMany,
                   "the operations would have to compare more than the limits allow");
  }
  looked_ += work * times;
  return {};
}

Result<void> PatchBudget::write(const json::Value& value, std::size_t times) {
  const std::size_t size = json::write(value).size();
  if (times != 0 && size > (kMaxPatchBytes - written_) / times) {
    return failure(ErrorKind::kPayloadTooLarge, "the operations would write more than " +
                                                    std::to_string(kMaxPatchBytes) + " bytes");
  }
  written_ += size * times;
  return {};
}

std::string equalityKey(const Attribute& attribute, const json::Value& element) {
  if (attribute.type != AttributeType::kComplex) return simpleKey(attribute, element);
  std::string key;
  for (const Attribute& sub : attribute.sub_attributes) appendSub(key, sub, element);
  return key;
}

std::string identityKey(const Attribute& attribute, const json::Value& element) {
  const Attribute* value = attribute.findSub("value");
  if (value == nullptr || element.find(value->name) == nullptr) {
    return equalityKey(attribute, element);
  }
  std::string key;
  appendSub(key, *value, element);
  if (const Attribute* type = attribute.findSub("type")) appendSub(key, *type, element);
  return key;
}

bool equalValues(const Attribute& attribute, const json::Value& left, const json::Value& right) {
  if (left.isNull() || right.isNull()) return left == right;
  return left == right || equalityKey(attribute, left) == equalityKey(attribute, right);
}

bool isPrimary(const json::Value& element) { return element.boolAt(kPrimary).value_or(false); }

void orderSubs(const Attribute& attribute, json::Object& element) {
  const auto place = [&](const json::Member& member) {
    const auto& subs = attribute.sub_attributes;
    return std::find_if(subs.begin(), subs.end(),
                        [&](const Attribute& sub) { return sub.name == member.key; }) -
           subs.begin();
  };
  std::stable_sort(element.members().begin(), element.members().end(),
                   [&](const json::Member& left, const json::Member& right) {
                     return place(left) < place(right);
                   });
}

void keepReadOnlySubs(const Attribute& attribute, const json::Object& before, json::Object& after) {
  if (const Attribute* value = attribute.findSub("value")) {
    const json::Value* left = before.find(value->name);
    const json::Value* right = after.find(value->name);
    if (left != nullptr && (right == nullptr || !equalValues(*value, *left, *right))) return;
  }
  for (const Attribute& sub : attribute.sub_attributes) {
    if (sub.mutability != Mutability::kReadOnly) continue;
    if (const json::Value* kept = before.find(sub.name)) after.set(sub.name, *kept);
  }
  orderSubs(attribute, after);
}

Result<void> checkImmutableSub(const AttributeRef& attribute, const Attribute& sub,
                               const json::Object& element, const json::Value& value) {
  if (sub.mutability != Mutability::kImmutable) return {};
  const json::Value* current = element.find(sub.name);
  if (current == nullptr || equalValues(sub, *current, value)) return {};
  const std::string name = subOf(attribute, sub).text();
  return failure(ErrorKind::kMutability, "'" + name + "' is immutable and has a value", name);
}

Result<void> setSub(const AttributeRef& attribute, const Attribute& sub, json::Object& element,
                    json::Value value) {
  if (Result<void> allowed = checkImmutableSub(attribute, sub, element, value); !allowed) {
    return allowed;
  }
  if (value.isNull()) {
    if (sub.required) {
      const std::string name = subOf(attribute, sub).text();
      return failure(ErrorKind::kMutability, "'" + name + "' is required", name);
    }
    element.erase(sub.name);
  } else if (sub.name == kPrimary && element.find(kPrimary) == nullptr && !isTrue(value)) {
    return {};  // RFC 7643 §2.4: absent, and false, are the same
  } else if (sub.mutability != Mutability::kImmutable || element.find(sub.name) == nullptr) {
    element.set(sub.name, std::move(value));
  }
  return {};
}

Result<void> mergeSubs(PatchContext& context, PatchVerb verb, const AttributeRef& attribute,
                       const json::Object& source, json::Object& element) {
  const json::Object before = element;
  for (const json::Member& member : source) {
    const Attribute* sub = attribute.attribute->findSub(member.key);
    if (sub == nullptr) {
      const ValueRules rules{context.tolerating, context.limits, true};
      Result<void> met = meetUnknownName(attribute.text() + ".", member.key, rules);
      if (!met) return met;
      continue;
    }
    // Where readOnly sub-attributes are not to be ignored, parsePatch has refused them.
    if (sub->mutability == Mutability::kReadOnly) continue;
    Result<json::Value> value =
        canonicalValue(subOf(attribute, *sub), member.value, context.tolerating, context.limits);
    if (!value) return propagate(value);
    if (value->isNull() && (verb == PatchVerb::kAdd || element.find(sub->name) == nullptr)) {
      continue;
    }
    if (Result<void> set = setSub(attribute, *sub, element, std::move(*value)); !set) return set;
  }
  for (const Attribute& sub : attribute.attribute->sub_attributes) {
    if (sub.mutability == Mutability::kReadOnly) element.erase(sub.name);
  }
  keepReadOnlySubs(*attribute.attribute, before, element);
  orderSubs(*attribute.attribute, element);
  return {};
}

Result<json::Array> canonicalElements(const PatchContext& context, const AttributeRef& attribute,
                                      const json::Value& value) {
  AttributeRef whole = attribute;
  whole.sub = nullptr;
  const json::Value list = value.isArray() ? value : json::Value(json::Array{value});
  Result<json::Value> canonical = canonicalValue(whole, list, context.tolerating, context.limits);
  if (!canonical) return propagate(canonical);
  if (json::Array* array = canonical->array()) return std::move(*array);
  if (canonical->isNull()) return json::Array{};
  json::Array single;
  single.push_back(std::move(*canonical));
  return single;
}

}  // namespace vestibule::scim
