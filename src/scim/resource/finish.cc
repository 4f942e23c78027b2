// The last step of every change: order, emptiness, `schemas`, what must be there.

#include <algorithm>
#include <array>

#include "scim/resource/elements.h"
#include "scim/resource/validate.h"
#include "scim/schema/common_attributes.h"

namespace vestibule::scim {
namespace {

/// Code points of Unicode's White_Space, and the zero-width ones that look like nothing either.
bool isBlank(char32_t c) {
  constexpr std::array<char32_t, 12> kOthers = {0x85,   0xA0,   0x1680, 0x2028, 0x2029, 0x202F,
                                                0x205F, 0x2060, 0x3000, 0xFEFF, 0x180E, 0xAD};
  return c <= 0x20 || c == 0x7F || (c >= 0x2000 && c <= 0x200D) ||
         std::find(kOthers.begin(), kOthers.end(), c) != kOthers.end();
}

/// True when nothing in the text can be seen. `text` must be valid UTF-8.
bool isBlank(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1U : lead < 0xE0 ? 2U : lead < 0xF0 ? 3U : 4U;
    char32_t c = length == 1 ? lead : lead & (0x7FU >> length);
    for (std::size_t k = 1; k < length && i + k < text.size(); ++k) {
      c = (c << 6U) | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    }
    if (!isBlank(c)) return false;
    i += length;
  }
  return true;
}

bool isEmpty(const json::Value& value) {
  if (const json::Array* array = value.array()) return array->empty();
  if (const json::Object* object = value.object()) return object->empty();
  return value.isNull();
}

/// An empty text is a value, but it does not satisfy `required`.
bool satisfiesRequired(const json::Value& value) {
  const std::string* text = value.string();
  return !isEmpty(value) && (text == nullptr || !text->empty());
}

tl::unexpected<Error> missing(const AttributeRef& attribute) {
  const std::string path = attribute.text();
  return failure(ErrorKind::kInvalidValue, "'" + path + "' is required", path);
}

Result<json::Value> finishedElement(const AttributeRef& attribute, json::Value element) {
  json::Object* object = element.object();
  if (object == nullptr) return element;
  json::Object finished;
  for (const Attribute& sub : attribute.attribute->sub_attributes) {
    json::Value* part = object->find(sub.name);
    if (part != nullptr && !isEmpty(*part)) finished.set(sub.name, std::move(*part));
  }
  if (finished.empty()) return json::Value();
  for (const Attribute& sub : attribute.attribute->sub_attributes) {
    if (!sub.required || sub.mutability == Mutability::kReadOnly) continue;
    const json::Value* part = finished.find(sub.name);
    if (part != nullptr && satisfiesRequired(*part)) continue;
    AttributeRef sub_ref = attribute;
    sub_ref.sub = &sub;
    return missing(sub_ref);
  }
  return json::Value(std::move(finished));
}

/// The value as it is stored, null when nothing is left of it.
Result<json::Value> finishedValue(const AttributeRef& attribute, json::Value value) {
  if (!attribute.attribute->multi_valued) return finishedElement(attribute, std::move(value));
  json::Array* elements = value.array();
  if (elements == nullptr) return json::Value();
  json::Array finished;
  finished.reserve(elements->size());
  for (json::Value& element : *elements) {
    Result<json::Value> done = finishedElement(attribute, std::move(element));
    if (!done) return propagate(done);
    if (!done->isNull()) finished.push_back(std::move(*done));
  }
  removeRepeated(*attribute.attribute, finished);
  if (Result<void> one = checkOnePrimary(*attribute.attribute, finished, attribute.text()); !one) {
    return propagate(one);
  }
  if (finished.empty()) return json::Value();
  return json::Value(std::move(finished));
}

/// Moves the attribute's finished value from one object to another.
Result<void> moveAttribute(const AttributeRef& ref, json::Object& from, json::Object& to) {
  const Attribute& attribute = *ref.attribute;
  if (attribute.relation) return {};
  json::Value* found = from.find(attribute.name);
  json::Value value;
  if (found != nullptr) {
    Result<json::Value> finished = finishedValue(ref, std::move(*found));
    if (!finished) return propagate(finished);
    value = std::move(*finished);
  }
  // A credential is not in the stored JSON, so its absence there says nothing.
  if (attribute.required && !attribute.credential &&
      attribute.mutability != Mutability::kReadOnly && !satisfiesRequired(value)) {
    return missing(ref);
  }
  if (!isEmpty(value)) to.set(attribute.name, std::move(value));
  return {};
}

Result<void> checkName(const ResourceType& type, const json::Object& resource) {
  if (type.naming_attribute == nullptr) return {};
  const std::string& name = type.naming_attribute->name;
  const json::Value* value = resource.find(name);
  if (value != nullptr && value->isString() && isBlank(*value->string())) {
    return failure(ErrorKind::kInvalidValue, "'" + name + "' must not be white space only", name);
  }
  return {};
}

Result<json::Object> finishedExtension(const SchemaExtension& extension, json::Value* value) {
  json::Object none;
  json::Object& from = value != nullptr && value->object() != nullptr ? *value->object() : none;
  json::Object finished;
  if (from.empty() && !extension.required) return finished;
  for (const Attribute& attribute : extension.schema->attributes) {
    const AttributeRef ref{extension.schema, true, &attribute, nullptr};
    if (Result<void> moved = moveAttribute(ref, from, finished); !moved) return propagate(moved);
  }
  if (finished.empty() && extension.required) {
    return failure(ErrorKind::kInvalidValue, "'" + extension.schema->id + "' is required",
                   extension.schema->id);
  }
  return finished;
}

}  // namespace

Result<json::Object> finish(const Registry& registry, const ResourceType& type,
                            json::Object attributes) {
  json::Object resource;
  resource.set("schemas", json::Array());
  const AttributeRef name{type.schema, false, type.naming_attribute, nullptr};
  const AttributeRef external_id{nullptr, false, registry.commonAttributes().find("externalId"),
                                 nullptr};
  for (const AttributeRef& ref : {name, external_id}) {
    if (ref.attribute == nullptr) continue;
    if (Result<void> moved = moveAttribute(ref, attributes, resource); !moved) {
      return propagate(moved);
    }
  }
  for (const Attribute& attribute : type.schema->attributes) {
    if (&attribute == type.naming_attribute) continue;
    const AttributeRef ref{type.schema, false, &attribute, nullptr};
    if (Result<void> moved = moveAttribute(ref, attributes, resource); !moved) {
      return propagate(moved);
    }
  }
  if (Result<void> checked = checkName(type, resource); !checked) return propagate(checked);

  json::Array schemas = {json::Value(type.schema->id)};
  for (const SchemaExtension& extension : type.extensions) {
    Result<json::Object> finished =
        finishedExtension(extension, attributes.find(extension.schema->id));
    if (!finished) return propagate(finished);
    if (finished->empty()) continue;
    schemas.emplace_back(extension.schema->id);
    resource.set(extension.schema->id, std::move(*finished));
  }
  resource.set("schemas", std::move(schemas));
  return resource;
}

}  // namespace vestibule::scim
