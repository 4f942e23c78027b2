// Where the value of an attribute lives in a canonical resource.

#include "scim/resource/validate.h"

namespace vestibule::scim {
namespace {

bool isEmpty(const json::Value& value) {
  if (const json::Array* array = value.array()) return array->empty();
  if (const json::Object* object = value.object()) return object->empty();
  return value.isNull();
}

/// Sets the member, or removes it when the value is empty.
void assign(json::Object& object, std::string_view key, json::Value value) {
  if (isEmpty(value)) {
    object.erase(key);
  } else {
    object.set(key, std::move(value));
  }
}

/// Assigns below the object that is the member `key` of `parent`; the object is made when needed
/// and goes when it becomes empty.
template <typename Assign>
void assignBelow(json::Object& parent, std::string_view key, bool creates, Assign assign_in) {
  json::Value* child = parent.find(key);
  if (child == nullptr || child->object() == nullptr) {
    if (!creates) return;
    child = &parent.set(key, json::Object());
  }
  assign_in(*child->object());
  if (child->object()->empty()) parent.erase(key);
}

}  // namespace

const json::Value* valueAt(const json::Object& resource, const AttributeRef& attribute) {
  const json::Object* holder = &resource;
  if (attribute.in_extension) {
    const json::Value* extension = resource.find(attribute.schema->id);
    holder = extension != nullptr ? extension->object() : nullptr;
    if (holder == nullptr) return nullptr;
  }
  const json::Value* value = holder->find(attribute.attribute->name);
  if (value == nullptr || attribute.sub == nullptr) return value;
  return value->find(attribute.sub->name);
}

void assignAt(json::Object& resource, const AttributeRef& attribute, json::Value value) {
  const bool creates = !isEmpty(value);
  const auto assign_in = [&](json::Object& holder) {
    if (attribute.sub == nullptr) {
      assign(holder, attribute.attribute->name, std::move(value));
      return;
    }
    assignBelow(holder, attribute.attribute->name, creates, [&](json::Object& parent) {
      assign(parent, attribute.sub->name, std::move(value));
    });
  };
  if (attribute.in_extension) {
    assignBelow(resource, attribute.schema->id, creates, assign_in);
  } else {
    assign_in(resource);
  }
}

}  // namespace vestibule::scim
