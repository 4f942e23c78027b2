#include "scim/resource/project.h"

#include <algorithm>

#include "base/unicode.h"
#include "scim/path/attribute_path.h"
#include "scim/resource/every_attribute.h"
#include "scim/resource/validate.h"

namespace vestibule::scim {
namespace {

/// Splits comma-separated paths. A filter in brackets, whose strings may hold commas and brackets,
/// is taken off.
std::vector<std::string> splitPaths(const std::vector<std::string>& lists) {
  std::vector<std::string> paths;
  for (const std::string& list : lists) {
    std::string path;
    bool in_filter = false;
    bool in_string = false;
    for (std::size_t i = 0; i <= list.size(); ++i) {
      const char c = i < list.size() ? list[i] : ',';
      if (i == list.size() || (c == ',' && !in_filter)) {
        if (!path.empty()) paths.push_back(std::move(path));
        path.clear();
      } else if (in_string) {
        if (c == '\\') {
          ++i;
        } else if (c == '"') {
          in_string = false;
        }
      } else if (in_filter) {
        in_string = c == '"';
        in_filter = c != ']';
      } else if (c == '[') {
        in_filter = true;
      } else if (c != ' ' && c != '\t') {
        path += c;
      }
    }
  }
  return paths;
}

/// The schema of the type that has this URN, or null.
const Schema* schemaOf(const ResourceType& type, std::string_view urn) {
  return equalIgnoringAsciiCase(urn, type.schema->id) ? type.schema : type.findExtension(urn);
}

AttributeRef whole(const AttributeRef& ref) {
  AttributeRef attribute = ref;
  attribute.sub = nullptr;
  return attribute;
}

template <typename Item>
bool contains(const std::vector<Item>& items, const Item& item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

/// A client may name the same thing a thousand times; how much there is to name is up to us.
template <typename Item>
void addOnce(std::vector<Item>& items, const Item& item) {
  if (!contains(items, item)) items.push_back(item);
}

}  // namespace

Result<Projection> Projection::parse(const Registry& registry, const ResourceType& type,
                                     const std::vector<std::string>& attributes,
                                     const std::vector<std::string>& excluded) {
  const std::vector<std::string> only = splitPaths(attributes);
  const std::vector<std::string> except = splitPaths(excluded);
  if (!only.empty() && !except.empty()) {
    return failure(ErrorKind::kInvalidValue,
                   "'attributes' and 'excludedAttributes' exclude each other");
  }
  Projection projection;
  if (only.empty() && except.empty()) return projection;
  projection.mode_ = only.empty() ? Mode::kExcept : Mode::kOnly;
  for (const std::string& path : only.empty() ? except : only) {
    if (const Schema* schema = schemaOf(type, path)) {
      addOnce(projection.named_schemas_, schema);
      continue;
    }
    // An unknown name asks for nothing (RFC 7644 §3.9 knows no error for it).
    const Result<AttributeRef> ref =
        resolveAttribute(registry, type, path, ErrorKind::kInvalidValue);
    if (ref) addOnce(projection.named_, *ref);
  }
  return projection;
}

Projection Projection::answering(const std::vector<AttributeRef>& sent) const {
  Projection projection = *this;
  const auto add = [&](const AttributeRef& ref) {
    if (ref.target().returned == Returned::kRequest) addOnce(projection.sent_, ref);
  };
  for (const AttributeRef& ref : sent) {
    add(whole(ref));
    for (const Attribute& sub : ref.attribute->sub_attributes) {
      AttributeRef part = ref;
      part.sub = &sub;
      if (ref.sub == nullptr || ref.sub == &sub) add(part);
    }
  }
  return projection;
}

bool Projection::names(const AttributeRef& ref) const { return contains(named_, ref); }

bool Projection::namesWhole(const AttributeRef& attribute) const {
  const bool schema_named =
      attribute.schema != nullptr && contains(named_schemas_, attribute.schema);
  return schema_named || names(whole(attribute));
}

bool Projection::namesPart(const AttributeRef& attribute) const {
  return std::any_of(named_.begin(), named_.end(), [&](const AttributeRef& named) {
    return named.sub != nullptr && whole(named) == whole(attribute);
  });
}

bool Projection::wasSent(const AttributeRef& ref) const {
  return mode_ == Mode::kDefault && contains(sent_, ref);
}

bool Projection::showsAttribute(const AttributeRef& attribute) const {
  switch (attribute.attribute->returned) {
    case Returned::kAlways:
      return true;
    case Returned::kNever:
      return false;
    case Returned::kRequest:
      return mode_ == Mode::kOnly ? names(whole(attribute)) || namesPart(attribute)
                                  : wasSent(whole(attribute));
    case Returned::kDefault:
      break;
  }
  switch (mode_) {
    case Mode::kDefault:
      return true;
    case Mode::kOnly:
      return namesWhole(attribute) || namesPart(attribute);
    case Mode::kExcept:
      return !namesWhole(attribute);
  }
  return true;
}

/// Of an attribute that is shown.
bool Projection::showsSub(const AttributeRef& sub) const {
  // With only some of its parts asked for, the others go; with none asked for by name it is there
  // as a whole.
  const bool narrowed = mode_ == Mode::kOnly && namesPart(sub) && !namesWhole(sub);
  switch (sub.sub->returned) {
    case Returned::kAlways:
      return true;
    case Returned::kNever:
      return false;
    case Returned::kRequest:
      return mode_ == Mode::kOnly ? names(sub) : wasSent(sub);
    case Returned::kDefault:
      break;
  }
  if (narrowed) return names(sub);
  return mode_ != Mode::kExcept || !names(sub);
}

bool Projection::shows(const AttributeRef& attribute) const {
  return showsAttribute(attribute) && (attribute.sub == nullptr || showsSub(attribute));
}

std::vector<const Attribute*> Projection::shownSubs(const AttributeRef& attribute) const {
  std::vector<const Attribute*> shown;
  for (const Attribute& sub : attribute.attribute->sub_attributes) {
    AttributeRef ref = attribute;
    ref.sub = &sub;
    if (showsSub(ref)) shown.push_back(&sub);
  }
  return shown;
}

json::Value Projection::part(const AttributeRef& attribute, const json::Value& value) const {
  if (attribute.attribute->sub_attributes.empty()) return value;
  const std::vector<const Attribute*> subs = shownSubs(attribute);
  const auto shownOf = [&](const json::Value& element) -> json::Value {
    const json::Object* object = element.object();
    if (object == nullptr) return {};
    json::Object shown;
    for (const json::Member& member : *object) {
      if (contains(subs, attribute.attribute->findSub(member.key))) {
        shown.members().push_back(member);
      }
    }
    if (shown.empty()) return {};
    return shown;
  };
  const json::Array* elements = value.array();
  if (elements == nullptr) return shownOf(value);
  json::Array shown;
  shown.reserve(elements->size());
  for (const json::Value& element : *elements) {
    json::Value shown_element = shownOf(element);
    if (!shown_element.isNull()) shown.push_back(std::move(shown_element));
  }
  if (shown.empty()) return {};
  return shown;
}

json::Object Projection::apply(const ResourceType& type, const json::Object& resource) const {
  const auto copyShown = [&](const AttributeRef& ref, const json::Member& from, json::Object& to) {
    if (!showsAttribute(ref)) return;
    json::Value shown = part(ref, from.value);
    if (!shown.isNull()) to.members().push_back({from.key, std::move(shown)});
  };
  json::Object result;
  for (const json::Member& member : resource) {
    if (const Attribute* attribute = type.schema->find(member.key)) {
      copyShown({type.schema, false, attribute, nullptr}, member, result);
    } else if (const Attribute* common = commonAttributes().find(member.key)) {
      copyShown({nullptr, false, common, nullptr}, member, result);
    } else if (const Schema* extension = type.findExtension(member.key);
               extension != nullptr && member.value.object() != nullptr) {
      json::Object shown;
      for (const json::Member& inner : *member.value.object()) {
        const Attribute* known = extension->find(inner.key);
        if (known != nullptr) copyShown({extension, true, known, nullptr}, inner, shown);
      }
      if (!shown.empty()) result.members().push_back({member.key, std::move(shown)});
    }
  }
  return result;
}

std::vector<AttributeRef> attributesIn(const ResourceType& type, const json::Object& body) {
  std::vector<AttributeRef> refs;
  forEveryAttribute(type, [&](const AttributeRef& ref) {
    const json::Object* holder = &body;
    if (ref.in_extension) {
      const json::Value* extension = body.findIgnoringCase(ref.schema->id);
      holder = extension != nullptr ? extension->object() : nullptr;
    }
    if (holder != nullptr && holder->findIgnoringCase(ref.attribute->name) != nullptr) {
      refs.push_back(ref);
    }
  });
  return refs;
}

}  // namespace vestibule::scim
