#include "jit/attribute_target.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/blanks.h"
#include "base/clock.h"
#include "base/unicode.h"
#include "jit/claims.h"
#include "json/parse.h"
#include "scim/filter/filter.h"
#include "scim/patch/path.h"
#include "scim/resource/validate.h"

namespace vestibule::jit {
namespace {

tl::unexpected<Error> refuse(std::string_view path, const std::string& reason) {
  return failure(ErrorKind::kInvalidValue, "'" + std::string(path) + "' " + reason);
}

/// Takes the equalities of a selection into `place`: what an element has to be given when none
/// matches yet; and into `selected` as keys.
Result<void> takeEqualities(const scim::BoundFilter& selection, std::string_view path,
                            scim::PatchOperation& place,
                            std::map<const scim::Attribute*, std::string>& selected) {
  std::vector<scim::NodeIndex> pending{selection.root};
  while (!pending.empty()) {
    const scim::FilterNode& node = selection.nodes[pending.back()];
    pending.pop_back();
    if (const auto* both = std::get_if<scim::And>(&node)) {
      pending.insert(pending.end(), both->children.rbegin(), both->children.rend());
      continue;
    }
    const auto* comparison = std::get_if<scim::Comparison>(&node);
    if (comparison == nullptr || comparison->op != scim::CompareOp::kEq ||
        comparison->attribute.sub == nullptr) {
      return refuse(path, "must select one element by `eq` alone, as in emails[type eq \"work\"]");
    }
    const auto& implied = place.implied;
    const bool twice =
        std::find(implied.begin(), implied.end(), comparison->attribute) != implied.end();
    if (twice || comparison->attribute.sub == place.attribute.sub) {
      return refuse(path, "names '" + comparison->attribute.sub->name + "' twice");
    }
    if (comparison->attribute.sub->mutability == scim::Mutability::kReadOnly) {
      return refuse(path, "selects by '" + comparison->attribute.sub->name + "', a readOnly one");
    }
    place.implied.push_back(comparison->attribute);
    place.implied_values.push_back(comparison->literal);
    selected.emplace(comparison->attribute.sub, comparison->key);
  }
  return {};
}

std::string subNames(const scim::Attribute& attribute) {
  std::string names;
  for (const scim::Attribute& sub : attribute.sub_attributes) {
    if (!names.empty()) names += ", ";
    names += sub.name;
  }
  return names;
}

/// `emails` and `emails[…]` mean the `value` of an element; a complex attribute that has none must
/// be asked for a part.
Result<void> settleShape(std::string_view path, scim::PatchOperation& place) {
  const scim::Attribute& attribute = *place.attribute.attribute;
  const bool complex = attribute.type == scim::AttributeType::kComplex;
  if (place.selection && place.attribute.sub == nullptr) {
    place.attribute.sub = attribute.findSub("value");
    if (place.attribute.sub == nullptr) {
      return refuse(path, "does not say which part: add one of ." + subNames(attribute));
    }
  }
  if (complex && place.attribute.sub == nullptr &&
      (!attribute.multi_valued || attribute.findSub("value") == nullptr)) {
    const std::string hint = attribute.multi_valued
                                 ? "must name one element and its part, as in " + attribute.name +
                                       "[type eq \"work\"].<part>, one of "
                                 : "does not say which part: add one of .";
    return refuse(path, hint + subNames(attribute));
  }
  return {};
}

/// The scalar as JSON of the attribute's type, as far as it can be read as such; else as it is, for
/// validation to refuse.
json::Value asTypeOf(const scim::Attribute& attribute, const json::Value& claim) {
  switch (attribute.type) {
    case scim::AttributeType::kString:
    case scim::AttributeType::kReference:
    case scim::AttributeType::kBinary:
      if (auto text = claimText(claim)) return json::Value(*std::move(text));
      break;
    case scim::AttributeType::kInteger:
    case scim::AttributeType::kDecimal:
      if (const std::string* text = claim.string()) {
        if (auto number = json::parse(trimmed(*text)); number && number->isNumber()) {
          return *std::move(number);
        }
      }
      break;
    case scim::AttributeType::kDateTime:
      if (const json::Number* number = claim.number()) {
        // Beyond the year 9999 nothing can be written as an xsd:dateTime of four digits.
        constexpr std::int64_t kLastSecond = 253'402'300'799;
        const auto seconds = number->asInt64();
        if (seconds && *seconds >= 0 && *seconds <= kLastSecond) {
          return json::Value(formatTimestamp(*seconds * 1'000'000));
        }
      }
      break;
    case scim::AttributeType::kBoolean:
    case scim::AttributeType::kComplex:
      break;
  }
  return claim;
}

}  // namespace

Result<void> checkMappable(const scim::ResourceType& type, const scim::AttributeRef& ref,
                           std::string_view path) {
  const scim::Attribute& attribute = *ref.attribute;
  if (ref.schema == type.schema && attribute.name == type.naming_attribute->name) {
    return refuse(path, "is not mapped: the user name comes from claims.userIdClaim");
  }
  if (ref.schema == type.schema && attribute.name == "active") {
    return refuse(path, "is not mapped: an identity provider cannot enable or disable users");
  }
  if (attribute.relation) {
    return refuse(path, "is not mapped: groups come from claims.roleClaim");
  }
  if (attribute.credential) return refuse(path, "is a credential and cannot be mapped");
  for (const scim::Attribute* part : {&attribute, ref.sub}) {
    if (part == nullptr) continue;
    if (part->mutability == scim::Mutability::kReadOnly ||
        part->mutability == scim::Mutability::kWriteOnly) {
      return refuse(path, "is " + std::string(nameOf(part->mutability)) + " and cannot be mapped");
    }
  }
  if (ref.schema == nullptr && attribute.name == "schemas") {
    return refuse(path, "follows from the other attributes and cannot be mapped");
  }
  return {};
}

Result<AttributeTarget> AttributeTarget::bind(const scim::Registry& registry,
                                              const scim::ResourceType& user_type,
                                              std::string_view path) {
  auto parsed = scim::parsePatchPath(registry, user_type, path);
  if (!parsed) {
    parsed.error().kind = ErrorKind::kInvalidValue;
    return propagate(parsed);
  }
  if (parsed->whole != nullptr) return refuse(path, "is a schema: name one of its attributes");
  AttributeTarget target;
  target.place_.attribute = parsed->attribute;
  target.place_.selection = std::move(parsed->selection);
  if (auto mappable = checkMappable(user_type, target.place_.attribute, path); !mappable) {
    return propagate(mappable);
  }
  if (auto settled = settleShape(path, target.place_); !settled) return propagate(settled);
  // The part that a bare selection stands for may be read-only as well.
  if (auto mappable = checkMappable(user_type, target.place_.attribute, path); !mappable) {
    return propagate(mappable);
  }
  scim::AttributeRef whole = target.place_.attribute;
  if (target.place_.selection) {
    whole.sub = nullptr;
    auto taken = takeEqualities(*target.place_.selection, path, target.place_, target.selected_);
    if (!taken) return propagate(taken);
    target.text_ = whole.text() + "[" + scim::printFilter(*target.place_.selection) + "]." +
                   target.place_.attribute.sub->name;
  } else {
    target.text_ = whole.text();
  }
  return target;
}

bool AttributeTarget::takesList() const {
  return !place_.selection && place_.attribute.attribute->multi_valued;
}

Result<json::Value> AttributeTarget::convert(const json::Value& claim) const {
  const scim::Attribute& attribute = *place_.attribute.attribute;
  if (!takesList()) {
    return scim::canonicalValue(place_.attribute, asTypeOf(place_.attribute.target(), claim));
  }
  const scim::Attribute* value_part = attribute.findSub("value");
  json::Array elements;
  for (const json::Value& element : *claim.array()) {
    if (element.isObject() || value_part == nullptr) {
      elements.push_back(asTypeOf(attribute, element));
    } else {
      elements.emplace_back(json::Object{{value_part->name, asTypeOf(*value_part, element)}});
    }
  }
  return scim::canonicalValue(place_.attribute, json::Value(std::move(elements)));
}

bool AttributeTarget::isRequired() const {
  const auto& [schema, in_extension, attribute, sub] = place_.attribute;
  return !place_.selection && attribute->required && (sub == nullptr || sub->required);
}

scim::PatchOperation AttributeTarget::operation(json::Value value) const {
  scim::PatchOperation operation = place_;
  if (!value.isNull()) {
    operation.verb = scim::PatchVerb::kReplace;
    operation.value = std::move(value);
    return operation;
  }
  operation.verb = scim::PatchVerb::kRemove;
  // An e-mail address without its value is no address: the element goes as a whole.
  if (operation.selection && operation.attribute.sub->name == "value") {
    operation.attribute.sub = nullptr;
  }
  return operation;
}

const json::Value* AttributeTarget::valueIn(const json::Object& user) const {
  scim::AttributeRef whole = place_.attribute;
  if (!place_.selection) return scim::valueAt(user, whole);
  whole.sub = nullptr;
  const json::Value* value = scim::valueAt(user, whole);
  const json::Array* elements = value == nullptr ? nullptr : value->array();
  if (elements == nullptr) return nullptr;
  for (const json::Value& element : *elements) {
    if (!scim::evaluateElement(*place_.selection, element)) continue;
    if (const json::Value* part = element.find(place_.attribute.sub->name)) return part;
  }
  return nullptr;
}

bool AttributeTarget::overlaps(const AttributeTarget& other) const {
  if (place_.attribute.attribute != other.place_.attribute.attribute) return false;
  if (takesList() || other.takesList()) return true;
  return place_.attribute == other.place_.attribute && selected_ == other.selected_;
}

}  // namespace vestibule::jit
