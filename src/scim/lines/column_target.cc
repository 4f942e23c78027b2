#include "scim/lines/column_target.h"

#include <algorithm>
#include <variant>

#include "base/blanks.h"
#include "base/unicode.h"
#include "json/parse.h"
#include "json/write.h"
#include "scim/patch/path.h"

namespace vestibule::scim {
namespace {

tl::unexpected<Error> refuse(std::string_view path, const std::string& reason) {
  return failure(ErrorKind::kInvalidValue, "'" + std::string(path) + "' " + reason);
}

/// The equalities of a selection that chooses one element.
Result<std::vector<std::pair<std::string, json::Value>>> equalitiesOf(const BoundFilter& selection,
                                                                      std::string_view path) {
  std::vector<std::pair<std::string, json::Value>> found;
  std::vector<NodeIndex> pending{selection.root};
  while (!pending.empty()) {
    const FilterNode& node = selection.nodes[pending.back()];
    pending.pop_back();
    if (const auto* both = std::get_if<And>(&node)) {
      pending.insert(pending.end(), both->children.rbegin(), both->children.rend());
      continue;
    }
    const auto* comparison = std::get_if<Comparison>(&node);
    if (comparison == nullptr || comparison->op != CompareOp::kEq ||
        comparison->attribute.sub == nullptr) {
      return refuse(path, "must select one element by `eq` alone, as in emails[type eq \"work\"]");
    }
    found.emplace_back(comparison->attribute.sub->name, comparison->literal);
  }
  return found;
}

/// The text as JSON of the attribute's type, as far as it is some.
json::Value valueOf(const Attribute& attribute, std::string_view text) {
  switch (attribute.type) {
    case AttributeType::kBoolean: {
      const auto word = lowerAscii(trimmed(text));
      if (word == "true") return true;
      if (word == "false") return false;
      break;
    }
    case AttributeType::kInteger:
    case AttributeType::kDecimal:
      if (auto number = json::parse(trimmed(text)); number && number->isNumber()) {
        return *std::move(number);
      }
      break;
    default:
      break;
  }
  return json::Value(text);
}

std::string textOf(const json::Value& value) {
  if (const auto* text = value.string()) return *text;
  return value.isNull() ? std::string() : json::write(value);
}

bool hasAll(const json::Value& element,
            const std::vector<std::pair<std::string, json::Value>>& equalities) {
  return std::all_of(equalities.begin(), equalities.end(), [&](const auto& equality) {
    const auto* part = element.find(equality.first);
    if (part == nullptr) return false;
    const auto* text = part->string();
    const auto* wanted = equality.second.string();
    if (text == nullptr || wanted == nullptr) return *part == equality.second;
    return lowerAscii(*text) == lowerAscii(*wanted);
  });
}

json::Object& objectAt(json::Object& parent, const std::string& name) {
  auto* member = parent.find(name);
  if (member == nullptr || !member->isObject()) member = &parent.set(name, json::Object());
  return *member->object();
}

}  // namespace

Result<ColumnTarget> ColumnTarget::bind(const Registry& registry, const ResourceType& type,
                                        std::string_view path) {
  auto parsed = parsePatchPath(registry, type, path);
  if (!parsed) {
    parsed.error().kind = ErrorKind::kInvalidValue;
    return propagate(parsed);
  }
  if (parsed->whole != nullptr) return refuse(path, "is a schema: name one of its attributes");
  ColumnTarget target;
  target.attribute_ = parsed->attribute;
  auto& [schema, in_extension, attribute, sub] = target.attribute_;
  const bool is_id = schema == nullptr && attribute->name == "id";
  if (!is_id && (attribute->mutability == Mutability::kReadOnly ||
                 (sub != nullptr && sub->mutability == Mutability::kReadOnly) ||
                 (schema == nullptr && attribute->name == "schemas"))) {
    return refuse(path, "is readOnly");
  }
  if (attribute->relation) return refuse(path, "is no column: members are rows of their own");
  const bool complex = attribute->type == AttributeType::kComplex;
  AttributeRef whole = target.attribute_;
  if (parsed->selection) {
    auto equalities = equalitiesOf(*parsed->selection, path);
    if (!equalities) return propagate(equalities);
    target.equalities_ = *std::move(equalities);
    target.selects_ = true;
    if (sub == nullptr) sub = attribute->findSub("value");
    if (sub == nullptr) return refuse(path, "does not say which part of the element");
    whole.sub = nullptr;
    target.text_ = whole.text() + "[" + printFilter(*parsed->selection) + "]." + sub->name;
    return target;
  }
  target.whole_list_ = attribute->multi_valued;
  if (complex && sub == nullptr &&
      (!attribute->multi_valued || attribute->findSub("value") == nullptr)) {
    return refuse(path, "does not say which part of the attribute");
  }
  target.text_ = target.attribute_.text();
  return target;
}

json::Object& ColumnTarget::holder(json::Object& resource) const {
  if (!attribute_.in_extension) return resource;
  return objectAt(resource, attribute_.schema->id);
}

void ColumnTarget::putValue(json::Object& resource, json::Value value) const {
  auto& object = holder(resource);
  const auto& name = attribute_.attribute->name;
  if (!selects_) {
    if (attribute_.sub == nullptr) {
      object.set(name, std::move(value));
    } else {
      objectAt(object, name).set(attribute_.sub->name, std::move(value));
    }
    return;
  }
  auto* elements = object.find(name);
  if (elements == nullptr || !elements->isArray()) elements = &object.set(name, json::Array());
  auto& array = *elements->array();
  auto element = std::find_if(array.begin(), array.end(), [&](const json::Value& each) {
    return each.isObject() && hasAll(each, equalities_);
  });
  if (element == array.end()) {
    json::Object made;
    for (const auto& [part, wanted] : equalities_) made.set(part, wanted);
    element = array.insert(array.end(), json::Value(std::move(made)));
  }
  element->object()->set(attribute_.sub->name, std::move(value));
}

void ColumnTarget::put(json::Object& resource, std::string_view text,
                       std::string_view separator) const {
  if (text.empty()) return;
  if (!whole_list_) {
    putValue(resource, valueOf(attribute_.target(), text));
    return;
  }
  const auto* value_part = attribute_.attribute->findSub("value");
  json::Array values;
  while (true) {
    const auto end = separator.empty() ? std::string_view::npos : text.find(separator);
    const auto piece = trimmed(text.substr(0, end));
    if (!piece.empty()) {
      if (value_part != nullptr) {
        values.emplace_back(json::Object{{value_part->name, valueOf(*value_part, piece)}});
      } else {
        values.push_back(valueOf(*attribute_.attribute, piece));
      }
    }
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + separator.size());
  }
  if (!values.empty()) putValue(resource, std::move(values));
}

std::string ColumnTarget::read(const json::Object& resource, std::string_view separator) const {
  const auto* object = &resource;
  if (attribute_.in_extension) {
    const auto* extension = resource.find(attribute_.schema->id);
    if (extension == nullptr || !extension->isObject()) return {};
    object = extension->object();
  }
  const auto* value = object->find(attribute_.attribute->name);
  if (value == nullptr) return {};
  if (!selects_ && !whole_list_) {
    if (attribute_.sub != nullptr) value = value->find(attribute_.sub->name);
    return value == nullptr ? std::string() : textOf(*value);
  }
  const auto* elements = value->array();
  if (elements == nullptr) return {};
  std::string text;
  for (const auto& element : *elements) {
    if (selects_ && !hasAll(element, equalities_)) continue;
    const auto* part =
        element.isObject() ? element.find(selects_ ? attribute_.sub->name : "value") : &element;
    if (part == nullptr) continue;
    if (selects_) return textOf(*part);
    if (!text.empty()) text += separator;
    text += textOf(*part);
  }
  return text;
}

}  // namespace vestibule::scim
