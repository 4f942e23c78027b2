#include "scim/schema/attribute.h"

#include <algorithm>

#include "base/unicode.h"

namespace vestibule::scim {
namespace {

bool isAsciiLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool isNameCharacter(char c) {
  return isAsciiLetter(c) || (c >= '0' && c <= '9') || c == '$' || c == '-' || c == '_';
}

}  // namespace

const Attribute* Attribute::findSub(std::string_view sub_name) const {
  return findAttribute(sub_attributes, sub_name);
}

const Attribute* findAttribute(const std::vector<Attribute>& attributes, std::string_view name) {
  for (const Attribute& attribute : attributes) {
    if (equalIgnoringAsciiCase(attribute.name, name)) return &attribute;
  }
  return nullptr;
}

bool isAttributeName(std::string_view name) {
  if (equalIgnoringAsciiCase(name, "$ref")) return true;
  return !name.empty() && isAsciiLetter(name.front()) &&
         std::all_of(name.begin(), name.end(), isNameCharacter);
}

std::string_view nameOf(AttributeType type) {
  switch (type) {
    case AttributeType::kString:
      return "string";
    case AttributeType::kBoolean:
      return "boolean";
    case AttributeType::kDecimal:
      return "decimal";
    case AttributeType::kInteger:
      return "integer";
    case AttributeType::kDateTime:
      return "dateTime";
    case AttributeType::kBinary:
      return "binary";
    case AttributeType::kReference:
      return "reference";
    case AttributeType::kComplex:
      return "complex";
  }
  return "string";
}

std::string_view nameOf(Mutability mutability) {
  switch (mutability) {
    case Mutability::kReadOnly:
      return "readOnly";
    case Mutability::kReadWrite:
      return "readWrite";
    case Mutability::kImmutable:
      return "immutable";
    case Mutability::kWriteOnly:
      return "writeOnly";
  }
  return "readWrite";
}

std::string_view nameOf(Returned returned) {
  switch (returned) {
    case Returned::kAlways:
      return "always";
    case Returned::kNever:
      return "never";
    case Returned::kDefault:
      return "default";
    case Returned::kRequest:
      return "request";
  }
  return "default";
}

std::string_view nameOf(Uniqueness uniqueness) {
  switch (uniqueness) {
    case Uniqueness::kNone:
      return "none";
    case Uniqueness::kServer:
      return "server";
    case Uniqueness::kGlobal:
      return "global";
  }
  return "none";
}

}  // namespace vestibule::scim
