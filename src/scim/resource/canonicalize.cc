#include "scim/resource/canonicalize.h"

#include <algorithm>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/unicode.h"
#include "scim/resource/elements.h"

namespace vestibule::scim {
namespace {

tl::unexpected<Error> wrong(const AttributeRef& attribute, const std::string& expected) {
  const std::string path = attribute.text();
  return failure(ErrorKind::kInvalidValue, "'" + path + "' must be " + expected, path);
}

bool hasControlCharacter(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

Result<json::Value> canonicalBoolean(const AttributeRef& attribute, const json::Value& value,
                                     const ValueRules& rules) {
  if (value.isBool()) return value;
  if (const std::string* text = value.string()) {
    const bool yes = equalIgnoringAsciiCase(*text, "true");
    const bool boolean = yes || equalIgnoringAsciiCase(*text, "false");
    if (boolean && rules.tolerating.accepts(Tolerance::kStringBooleans)) return json::Value(yes);
  }
  return wrong(attribute, "true or false");
}

Result<json::Value> canonicalNumber(const AttributeRef& attribute, const json::Value& value) {
  const json::Number* number = value.number();
  if (attribute.target().type == AttributeType::kInteger) {
    const std::optional<std::int64_t> integer =
        number != nullptr ? number->asInt64() : std::nullopt;
    if (!integer) return wrong(attribute, "an integer of 64 bits, without fraction or exponent");
    return json::Value(*integer);
  }
  if (number == nullptr || !number->asDouble()) return wrong(attribute, "a number");
  return value;
}

Result<json::Value> canonicalText(const AttributeRef& attribute, const json::Value& value,
                                  const ValueRules& rules) {
  const std::string* text = value.string();
  const AttributeType type = attribute.target().type;
  if (text == nullptr) return wrong(attribute, "a string, not " + std::string(value.typeName()));
  if (text->size() > rules.limits.string_bytes) {
    return wrong(attribute, "at most " + std::to_string(rules.limits.string_bytes) + " bytes long");
  }
  if (type == AttributeType::kDateTime && !parseTimestamp(*text)) {
    return wrong(attribute, "a date with time, such as 2026-11-23T08:20:00Z");
  }
  if (type == AttributeType::kBinary && !fromBase64(*text)) return wrong(attribute, "base64");
  if (type == AttributeType::kReference && (text->empty() || hasControlCharacter(*text))) {
    return wrong(attribute, "a URI");
  }
  return value;
}

Result<json::Value> canonicalSimple(const AttributeRef& attribute, const json::Value& value,
                                    const ValueRules& rules) {
  switch (attribute.target().type) {
    case AttributeType::kBoolean:
      return canonicalBoolean(attribute, value, rules);
    case AttributeType::kInteger:
    case AttributeType::kDecimal:
      return canonicalNumber(attribute, value);
    default:
      return canonicalText(attribute, value, rules);
  }
}

Result<json::Value> canonicalComplex(const AttributeRef& attribute, const json::Value& value,
                                     const ValueRules& rules) {
  const Attribute& complex = *attribute.attribute;
  const json::Object* object = value.object();
  if (object == nullptr) {
    if (value.isString() && complex.findSub("value") != nullptr &&
        rules.tolerating.accepts(Tolerance::kStringManager)) {
      return canonicalComplex(attribute, json::Object{{"value", value}}, rules);
    }
    return wrong(attribute, "an object, not " + std::string(value.typeName()));
  }
  for (const json::Member& member : *object) {
    if (complex.findSub(member.key) != nullptr) continue;
    if (Result<void> met = meetUnknownName(attribute.text() + ".", member.key, rules); !met) {
      return propagate(met);
    }
  }
  json::Object canonical;
  for (const Attribute& sub : complex.sub_attributes) {
    if (sub.mutability == Mutability::kReadOnly) continue;
    const json::Value* part = object->findIgnoringCase(sub.name);
    if (part == nullptr) continue;
    AttributeRef sub_ref = attribute;
    sub_ref.sub = &sub;
    Result<json::Value> canonical_part = canonicalize(sub_ref, *part, rules);
    if (!canonical_part) return propagate(canonical_part);
    if (!canonical_part->isNull()) canonical.set(sub.name, std::move(*canonical_part));
  }
  if (canonical.empty()) return json::Value();
  return json::Value(std::move(canonical));
}

bool isUnassigned(const json::Value& value, const ValueRules& rules) {
  if (value.isNull()) return true;
  const std::string* text = value.string();
  return text != nullptr && text->empty() &&
         rules.tolerating.accepts(Tolerance::kEmptyStringIsUnassigned);
}

Result<json::Value> canonicalSingle(const AttributeRef& attribute, const json::Value& value,
                                    const ValueRules& rules) {
  if (isUnassigned(value, rules)) return json::Value();
  if (attribute.target().type == AttributeType::kComplex) {
    return canonicalComplex(attribute, value, rules);
  }
  return canonicalSimple(attribute, value, rules);
}

Result<json::Value> canonicalList(const AttributeRef& attribute, const json::Array& values,
                                  const ValueRules& rules) {
  if (values.size() > rules.limits.elements) {
    return wrong(attribute, "at most " + std::to_string(rules.limits.elements) + " values");
  }
  json::Array canonical;
  canonical.reserve(values.size());
  for (const json::Value& value : values) {
    Result<json::Value> element = canonicalSingle(attribute, value, rules);
    if (!element) return propagate(element);
    if (!element->isNull()) canonical.push_back(std::move(*element));
  }
  if (canonical.empty()) return json::Value();
  removeRepeated(attribute.target(), canonical);
  return json::Value(std::move(canonical));
}

}  // namespace

Result<json::Value> canonicalize(const AttributeRef& attribute, const json::Value& value,
                                 const ValueRules& rules) {
  if (!attribute.target().multi_valued) return canonicalSingle(attribute, value, rules);
  if (isUnassigned(value, rules)) return json::Value();
  if (const json::Array* values = value.array()) return canonicalList(attribute, *values, rules);
  if (rules.bare_value_is_list) return canonicalList(attribute, {value}, rules);
  return wrong(attribute, "an array, not " + std::string(value.typeName()));
}

Result<void> meetUnknownName(const std::string& prefix, std::string_view name,
                             const ValueRules& rules) {
  constexpr std::size_t kShown = 120;
  const bool is_name = !name.empty() && std::all_of(name.begin(), name.end(),
                                                    [](char c) { return c > 0x20 && c < 0x7F; });
  if (!is_name) {
    return failure(ErrorKind::kInvalidSyntax,
                   "names of attributes are ASCII without spaces (RFC 7643 section 2.1)");
  }
  const std::string path = prefix + std::string(name.substr(0, kShown));
  if (!rules.tolerating.accepts(Tolerance::kUnknownAttributes)) {
    return failure(ErrorKind::kInvalidSyntax, "'" + path + "' is not a known attribute", path);
  }
  if (rules.dropped != nullptr) rules.dropped->push_back(path);
  return {};
}

Result<json::Value> canonicalValue(const AttributeRef& attribute, const json::Value& value,
                                   Tolerating tolerating, const ResourceLimits& limits) {
  return canonicalize(attribute, value, ValueRules{tolerating, limits, true});
}

}  // namespace vestibule::scim
