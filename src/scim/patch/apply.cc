#include <algorithm>
#include <string>
#include <utility>

#include "scim/patch/element.h"
#include "scim/patch/elements.h"
#include "scim/patch/patch.h"
#include "scim/resource/every_attribute.h"

namespace vestibule::scim {
namespace {

tl::unexpected<Error> mutabilityFailure(const AttributeRef& attribute, std::string_view reason) {
  return failure(ErrorKind::kMutability, "'" + attribute.text() + "' " + std::string(reason),
                 attribute.text());
}

AttributeRef withoutSub(AttributeRef attribute) {
  attribute.sub = nullptr;
  return attribute;
}

/// Some sub-attribute that has a value and may not lose it, or null.
const Attribute* fixedSub(const Attribute& attribute, const json::Object& value) {
  for (const Attribute& sub : attribute.sub_attributes) {
    if (sub.mutability == Mutability::kImmutable && value.find(sub.name) != nullptr) return &sub;
  }
  return nullptr;
}

/// A resource while operations are applied to it.
class Patcher {
 public:
  Patcher(const json::Object& current, Tolerating tolerating, const ResourceLimits& limits)
      : resource_(current), context_{tolerating, limits, {}} {}

  Result<void> apply(const PatchOperation& operation) {
    if (operation.whole_extension != nullptr) return removeExtension(*operation.whole_extension);
    const AttributeRef& attribute = operation.attribute;
    if (attribute.attribute->relation) {
      return internalFailure("applyPatch was given an operation on the relation " +
                             attribute.text());
    }
    if (attribute.attribute->multi_valued) return applyMultiValued(operation);
    if (attribute.target().type == AttributeType::kComplex) return applyComplex(operation);
    return applySimple(operation);
  }

  json::Object take() { return std::move(resource_); }

 private:
  const json::Value* at(const AttributeRef& attribute) const {
    return valueAt(resource_, attribute);
  }

  /// Assigns a whole attribute, after checking that it may change. `value` null: unassigned.
  Result<void> assignWhole(const AttributeRef& attribute, json::Value value) {
    const Attribute& definition = *attribute.attribute;
    const json::Value* current = at(attribute);
    if (current == nullptr ? value.isNull() : *current == value) return {};
    if (value.isNull() && definition.required) {
      return mutabilityFailure(attribute, "is required and cannot be removed");
    }
    if (current != nullptr && definition.mutability == Mutability::kImmutable) {
      if (equalWhole(definition, *current, value)) return {};
      return mutabilityFailure(attribute, "is immutable and has a value");
    }
    assignAt(resource_, attribute, std::move(value));
    return {};
  }

  static bool equalWhole(const Attribute& definition, const json::Value& left,
                         const json::Value& right) {
    if (!definition.multi_valued) return equalValues(definition, left, right);
    const json::Array* ours = left.array();
    const json::Array* theirs = right.array();
    return ours != nullptr && theirs != nullptr &&
           std::equal(ours->begin(), ours->end(), theirs->begin(), theirs->end(),
                      [&](const json::Value& a, const json::Value& b) {
                        return equalValues(definition, a, b);
                      });
  }

  Result<void> removeExtension(const Schema& schema) {
    for (const Attribute& definition : schema.attributes) {
      const AttributeRef attribute{&schema, true, &definition, nullptr};
      const json::Value* current = at(attribute);
      if (current == nullptr) continue;
      if (definition.mutability == Mutability::kReadOnly) {
        return mutabilityFailure(attribute, "is readOnly");
      }
      if (Result<void> allowed = checkNothingFixed(attribute, *current); !allowed) return allowed;
      // Also what is required: that is asked of an extension that is there, and this one goes.
      assignAt(resource_, attribute, json::Value());
    }
    return {};
  }

  /// Error kMutability when the value, or a part of it, is immutable.
  static Result<void> checkNothingFixed(const AttributeRef& attribute, const json::Value& current) {
    if (attribute.attribute->mutability == Mutability::kImmutable) {
      return mutabilityFailure(attribute, "is immutable and has a value");
    }
    if (!current.isObject()) return {};
    const Attribute* sub = fixedSub(*attribute.attribute, *current.object());
    if (sub == nullptr) return {};
    AttributeRef fixed = attribute;
    fixed.sub = sub;
    return mutabilityFailure(fixed, "is immutable and has a value");
  }

  Result<void> removeWhole(const AttributeRef& attribute) {
    const json::Value* current = at(attribute);
    if (current != nullptr) {
      if (Result<void> allowed = checkNothingFixed(attribute, *current); !allowed) return allowed;
    }
    if (current == nullptr && attribute.attribute->required) {
      return mutabilityFailure(attribute, "is required and cannot be removed");
    }
    return assignWhole(attribute, json::Value());
  }

  /// A single-valued simple attribute, or a simple sub-attribute of a single-valued complex one
  /// (F11, F13, F21, F22, F31).
  Result<void> applySimple(const PatchOperation& operation) {
    const AttributeRef& attribute = operation.attribute;
    json::Value value;
    if (operation.verb != PatchVerb::kRemove) {
      if (Result<void> paid = context_.budget.write(*operation.value); !paid) return paid;
      Result<json::Value> canonical =
          canonicalValue(attribute, *operation.value, context_.tolerating, context_.limits);
      if (!canonical) return propagate(canonical);
      if (canonical->isNull() && operation.verb == PatchVerb::kAdd) return {};
      value = std::move(*canonical);
    }
    if (attribute.sub == nullptr) {
      return value.isNull() ? removeWhole(attribute) : assignWhole(attribute, std::move(value));
    }
    json::Object parent = objectAt(withoutSub(attribute));
    if (value.isNull() && parent.find(attribute.sub->name) == nullptr && !attribute.sub->required) {
      return {};
    }
    const json::Object before = parent;
    if (Result<void> set = setSub(attribute, *attribute.sub, parent, std::move(value)); !set) {
      return set;
    }
    return storeComplex(withoutSub(attribute), before, std::move(parent));
  }

  json::Object objectAt(const AttributeRef& attribute) const {
    const json::Value* current = at(attribute);
    return current != nullptr && current->isObject() ? *current->object() : json::Object{};
  }

  /// A single-valued complex attribute: sub-attributes are merged by add and by replace (F12, F32).
  Result<void> applyComplex(const PatchOperation& operation) {
    const AttributeRef& attribute = operation.attribute;
    if (operation.verb == PatchVerb::kRemove) return removeWhole(attribute);
    json::Value value = *operation.value;
    if (const std::string* text = value.string()) {
      const Attribute* sub = attribute.attribute->findSub("value");
      if (text->empty() && context_.tolerating.accepts(Tolerance::kEmptyStringIsUnassigned)) {
        value = json::Value();
      } else if (sub != nullptr && context_.tolerating.accepts(Tolerance::kStringManager)) {
        value = json::Object{{sub->name, value}};
      }
    }
    if (value.isNull()) {
      return operation.verb == PatchVerb::kReplace ? removeWhole(attribute) : Result<void>{};
    }
    if (!value.isObject()) {
      return failure(ErrorKind::kInvalidValue, "'" + attribute.text() + "' must be an object",
                     attribute.text());
    }
    if (Result<void> paid = context_.budget.write(value); !paid) return paid;
    const json::Object before = objectAt(attribute);
    json::Object merged = before;
    Result<void> done = mergeSubs(context_, operation.verb, attribute, *value.object(), merged);
    if (!done) return done;
    return storeComplex(attribute, before, std::move(merged));
  }

  /// Puts a changed complex value back, without what the server said about its former `value`.
  Result<void> storeComplex(const AttributeRef& attribute, const json::Object& before,
                            json::Object after) {
    for (const Attribute& sub : attribute.attribute->sub_attributes) {
      if (sub.mutability == Mutability::kReadOnly) after.erase(sub.name);
    }
    keepReadOnlySubs(*attribute.attribute, before, after);
    if (after == before) return {};
    return assignWhole(attribute, after.empty() ? json::Value() : json::Value(std::move(after)));
  }

  Result<void> applyMultiValued(const PatchOperation& operation) {
    const AttributeRef attribute = withoutSub(operation.attribute);
    json::Array elements;
    if (const json::Value* current = at(attribute); current != nullptr && current->isArray()) {
      elements = *current->array();
    }
    if (Result<void> copied = context_.budget.look(elements); !copied) return copied;
    const bool was_empty = elements.empty();
    if (Result<void> patched = patchElements(context_, operation, elements); !patched) {
      return patched;
    }
    if (!elements.empty()) return assignWhole(attribute, std::move(elements));
    if (was_empty && operation.verb != PatchVerb::kRemove) return {};
    return removeWhole(attribute);
  }

  json::Object resource_;
  PatchContext context_;
};

/// A `$ref` is the address of the `value` beside it (RFC 7643 §2.4). Where a request gave a new
/// `value` and said nothing about the address, the old one leads to what is no longer meant.
void dropStaleReferences(const ResourceType& type, const json::Object& before,
                         json::Object& after) {
  forEveryAttribute(type, [&](const AttributeRef& ref) {
    const Attribute* value = ref.attribute->findSub("value");
    const Attribute* address = ref.attribute->findSub("$ref");
    if (ref.attribute->multi_valued || value == nullptr || address == nullptr) return;
    const auto part = [&](const json::Object& resource, const Attribute& sub) {
      AttributeRef sub_ref = ref;
      sub_ref.sub = &sub;
      return valueAt(resource, sub_ref);
    };
    const json::Value* old_address = part(before, *address);
    const json::Value* new_address = part(after, *address);
    if (old_address == nullptr || new_address == nullptr || *old_address != *new_address) return;
    const json::Value* old_value = part(before, *value);
    const json::Value* new_value = part(after, *value);
    if (old_value == nullptr) return;
    if (new_value != nullptr && equalValues(*value, *old_value, *new_value)) return;
    AttributeRef stale = ref;
    stale.sub = address;
    assignAt(after, stale, json::Value());
  });
}

}  // namespace

Result<json::Object> applyPatch(const Registry& registry, const ResourceType& type,
                                const json::Object& current,
                                const std::vector<PatchOperation>& operations,
                                Tolerating tolerating, const ResourceLimits& limits) {
  Patcher patcher(current, tolerating, limits);
  for (const PatchOperation& operation : operations) {
    Result<void> applied = patcher.apply(operation);
    if (!applied) {
      Error& error = applied.error();
      if (error.kind != ErrorKind::kInternal) {
        error.detail = "operation " + std::to_string(operation.position) + ": " + error.detail;
      }
      return propagate(applied);
    }
  }
  json::Object changed = patcher.take();
  if (changed == current) return changed;
  dropStaleReferences(type, current, changed);
  return finish(registry, type, std::move(changed));
}

}  // namespace vestibule::scim
