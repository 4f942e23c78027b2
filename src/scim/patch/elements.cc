#include "scim/patch/elements.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "scim/patch/listed.h"
#include "scim/resource/elements.h"

namespace vestibule::scim {
namespace {

tl::unexpected<Error> fail(ErrorKind kind, const AttributeRef& attribute, std::string_view reason) {
  return failure(kind, "'" + attribute.text() + "' " + std::string(reason), attribute.text());
}

class ElementsPatch {
 public:
  ElementsPatch(PatchContext& context, const PatchOperation& operation, json::Array& elements)
      : context_(context),
        operation_(operation),
        whole_(withoutSub(operation.attribute)),
        definition_(*operation.attribute.attribute),
        elements_(elements) {}

  Result<void> apply() {
    if (operation_.selection) return applySelected();
    const bool valued = operation_.value && !operation_.value->isNull();
    switch (operation_.verb) {
      case PatchVerb::kAdd:
        return valued ? addValue(*operation_.value) : Result<void>{};
      case PatchVerb::kReplace:
        return valued ? replaceAll() : removeAll();
      case PatchVerb::kRemove:
        return valued ? removeListed(context_, whole_, *operation_.value, elements_) : removeAll();
    }
    return {};
  }

 private:
  static AttributeRef withoutSub(AttributeRef attribute) {
    attribute.sub = nullptr;
    return attribute;
  }

  // Without a filter.

  Result<void> addValue(const json::Value& value) {
    if (Result<void> paid = context_.budget.write(value); !paid) return paid;
    Result<json::Array> fresh = canonicalElements(context_, whole_, value);
    if (!fresh) return propagate(fresh);
    return addElements(std::move(*fresh));
  }

  /// Appends elements; one whose identity is there already is merged into it (F14).
  Result<void> addElements(json::Array fresh) {
    if (Result<void> paid = context_.budget.look(elements_); !paid) return paid;
    if (Result<void> paid = context_.budget.look(fresh); !paid) return paid;
    if (Result<void> single = checkPrimary(fresh); !single) return single;
    std::map<std::string, std::size_t> known;
    for (std::size_t i = 0; i < elements_.size(); ++i) {
      known.emplace(identityKey(definition_, elements_[i]), i);
    }
    std::vector<std::size_t> promoted;
    for (json::Value& element : fresh) {
      const bool primary = isPrimary(element);
      const auto [at, is_new] = known.emplace(identityKey(definition_, element), elements_.size());
      if (primary) promoted.push_back(at->second);
      if (is_new) {
        elements_.push_back(std::move(element));
      } else if (Result<void> merged = mergeEqual(elements_[at->second], element); !merged) {
        return merged;
      }
    }
    demoteOthers(promoted);
    return checkCount();
  }

  /// Takes over what a repeated element says beyond its identity, such as `primary`.
  Result<void> mergeEqual(json::Value& present, const json::Value& repeated) {
    json::Object* into = present.object();
    const json::Object* from = repeated.object();
    if (into == nullptr || from == nullptr) return {};
    for (const json::Member& member : *from) {
      const Attribute* sub = definition_.findSub(member.key);
      if (sub == nullptr) continue;
      const json::Value* current = into->find(sub->name);
      if (current != nullptr && equalValues(*sub, *current, member.value)) continue;
      if (Result<void> set = setSub(whole_, *sub, *into, member.value); !set) return set;
    }
    orderSubs(definition_, *into);
    return {};
  }

  Result<void> replaceAll() {
    if (Result<void> paid = context_.budget.write(*operation_.value); !paid) return paid;
    Result<json::Array> fresh = canonicalElements(context_, whole_, *operation_.value);
    if (!fresh) return propagate(fresh);
    if (fresh->empty()) return removeAll();
    if (Result<void> single = checkPrimary(*fresh); !single) return single;
    if (Result<void> paid = context_.budget.look(*fresh); !paid) return paid;
    keepWhatClientsCannotWrite(*fresh);
    elements_ = std::move(*fresh);
    return checkCount();
  }

  void keepWhatClientsCannotWrite(json::Array& fresh) {
    const bool has_read_only =
        std::any_of(definition_.sub_attributes.begin(), definition_.sub_attributes.end(),
                    [](const Attribute& sub) { return sub.mutability == Mutability::kReadOnly; });
    if (!has_read_only) return;
    std::map<std::string, const json::Object*> before;
    for (const json::Value& element : elements_) {
      if (element.isObject()) before.emplace(identityKey(definition_, element), element.object());
    }
    for (json::Value& element : fresh) {
      const auto found = before.find(identityKey(definition_, element));
      if (found == before.end() || !element.isObject()) continue;
      keepReadOnlySubs(definition_, *found->second, *element.object());
    }
  }

  Result<void> removeAll() {
    elements_.clear();
    return {};
  }

  // With a filter.

  Result<void> applySelected() {
    const BoundFilter& selection = *operation_.selection;
    if (Result<void> paid = context_.budget.look(elements_, selection.nodes.size()); !paid) {
      return paid;
    }
    std::vector<std::size_t> matches;
    for (std::size_t i = 0; i < elements_.size(); ++i) {
      if (evaluateElement(selection, elements_[i])) matches.push_back(i);
    }
    const bool removes = operation_.verb == PatchVerb::kRemove;
    if (matches.empty()) {
      const auto creates = operation_.verb == PatchVerb::kAdd ? Tolerance::kFilterAddCreates
                                                              : Tolerance::kFilterReplaceCreates;
      const bool can_be_made = !removes && !operation_.implied.empty();
      if (!can_be_made || !context_.tolerating.accepts(creates)) return noTarget();
      return createElement();
    }
    if (operation_.attribute.sub != nullptr) return setInMatches(matches);
    if (removes || (operation_.verb == PatchVerb::kReplace && operation_.value->isNull())) {
      return eraseMatches(matches);
    }
    if (operation_.value->isNull()) return {};
    return changeMatches(matches);
  }

  tl::unexpected<Error> noTarget() const {
    return fail(ErrorKind::kNoTarget, whole_, "has no element that the filter selects");
  }

  Result<void> eraseMatches(const std::vector<std::size_t>& matches) {
    json::Array kept;
    auto next = matches.begin();
    for (std::size_t i = 0; i < elements_.size(); ++i) {
      if (next != matches.end() && *next == i) {
        ++next;
      } else {
        kept.push_back(std::move(elements_[i]));
      }
    }
    elements_ = std::move(kept);
    return {};
  }

  /// `attribute[filter].sub`: set, or removed, in all matches (F16, F26, F36).
  Result<void> setInMatches(const std::vector<std::size_t>& matches) {
    const Attribute& sub = *operation_.attribute.sub;
    json::Value value;
    if (operation_.verb != PatchVerb::kRemove) {
      Result<json::Value> canonical = canonicalValue(operation_.attribute, *operation_.value,
                                                     context_.tolerating, context_.limits);
      if (!canonical) return propagate(canonical);
      if (canonical->isNull() && operation_.verb == PatchVerb::kAdd) return {};
      value = std::move(*canonical);
    }
    if (Result<void> paid = context_.budget.write(value, matches.size()); !paid) return paid;
    for (const std::size_t index : matches) {
      json::Object* element = elements_[index].object();
      if (element == nullptr) continue;
      const json::Object before = *element;
      if (Result<void> set = setSub(whole_, sub, *element, value); !set) return set;
      dropStale(before, *element);
      orderSubs(definition_, *element);
    }
    const bool promotes = sub.name == "primary" && value.isBool() && *value.boolean();
    return settle(promotes ? matches : std::vector<std::size_t>{});
  }

  /// What the server says about a `value` is not true of another.
  void dropStale(const json::Object& before, json::Object& element) const {
    for (const Attribute& sub : definition_.sub_attributes) {
      if (sub.mutability == Mutability::kReadOnly) element.erase(sub.name);
    }
    keepReadOnlySubs(definition_, before, element);
  }

  /// `attribute[filter]` with a value: merged by add (F15), put in the place of each match by
  /// replace (F35).
  Result<void> changeMatches(const std::vector<std::size_t>& matches) {
    const json::Value& value = *operation_.value;
    if (Result<void> paid = context_.budget.write(value, matches.size()); !paid) return paid;
    if (definition_.type != AttributeType::kComplex) {
      Result<json::Value> canonical = oneElement(value);
      if (!canonical) return propagate(canonical);
      for (const std::size_t index : matches) elements_[index] = *canonical;
      return settle({});
    }
    if (!value.isObject()) {
      return fail(ErrorKind::kInvalidValue, whole_, "selects elements, whose value is an object");
    }
    for (const std::size_t index : matches) {
      Result<json::Value> changed = operation_.verb == PatchVerb::kAdd
                                        ? mergedElement(elements_[index], *value.object())
                                        : replacedElement(elements_[index], value);
      if (!changed) return propagate(changed);
      elements_[index] = std::move(*changed);
    }
    const json::Value* primary = value.object()->findIgnoringCase("primary");
    const bool promotes = primary != nullptr && isPrimary(elements_[matches.front()]);
    return settle(promotes ? matches : std::vector<std::size_t>{});
  }

  Result<json::Value> oneElement(const json::Value& value) const {
    Result<json::Array> canonical = canonicalElements(context_, whole_, value);
    if (!canonical) return propagate(canonical);
    if (canonical->size() == 1) return std::move(canonical->front());
    return fail(ErrorKind::kInvalidValue, whole_, "must be given one value for an element");
  }

  Result<json::Value> mergedElement(const json::Value& before, const json::Object& source) {
    json::Object element = before.isObject() ? *before.object() : json::Object{};
    if (Result<void> merged = mergeSubs(context_, PatchVerb::kAdd, whole_, source, element);
        !merged) {
      return propagate(merged);
    }
    return json::Value(std::move(element));
  }

  Result<json::Value> replacedElement(const json::Value& before, const json::Value& value) {
    Result<json::Value> element = oneElement(value);
    if (!element) return propagate(element);
    json::Object* after = element->object();
    if (before.isObject() && after != nullptr) {
      for (const Attribute& sub : definition_.sub_attributes) {
        const json::Value* next = after->find(sub.name);
        const json::Value none;
        Result<void> allowed =
            checkImmutableSub(whole_, sub, *before.object(), next == nullptr ? none : *next);
        if (!allowed) return propagate(allowed);
      }
      keepReadOnlySubs(definition_, *before.object(), *after);
    }
    return element;
  }

  /// No element matches `[a eq x and b eq y]`: one with these values is made, as Entra means it
  /// (F17, F37).
  Result<void> createElement() {
    json::Object element;
    for (std::size_t i = 0; i < operation_.implied.size(); ++i) {
      Result<json::Value> value =
          canonicalValue(operation_.implied[i], operation_.implied_values[i], context_.tolerating,
                         context_.limits);
      if (!value) return propagate(value);
      if (!value->isNull()) element.set(operation_.implied[i].sub->name, std::move(*value));
    }
    if (operation_.attribute.sub != nullptr) {
      Result<json::Value> value = canonicalValue(operation_.attribute, *operation_.value,
                                                 context_.tolerating, context_.limits);
      if (!value) return propagate(value);
      if (value->isNull()) return {};  // nothing to add, and nothing there to unassign
      element.set(operation_.attribute.sub->name, std::move(*value));
    } else if (operation_.value->isNull()) {
      return {};
    } else if (const json::Object* source = operation_.value->object()) {
      Result<void> merged = mergeSubs(context_, operation_.verb, whole_, *source, element);
      if (!merged) return merged;
    } else {
      return fail(ErrorKind::kInvalidValue, whole_, "selects elements, whose value is an object");
    }
    return addValue(json::Value(std::move(element)));
  }

  // What holds after every operation.

  Result<void> checkPrimary(const json::Array& values) const {
    return checkOnePrimary(definition_, values, whole_.text());
  }

  Result<void> checkCount() const {
    if (elements_.size() <= context_.limits.elements) return {};
    return fail(ErrorKind::kInvalidValue, whole_,
                "can have " + std::to_string(context_.limits.elements) + " values at most");
  }

  /// The element that an operation made primary takes that from the others (RFC 7644 §3.5.2).
  void demoteOthers(const std::vector<std::size_t>& promoted) {
    if (promoted.empty()) return;
    for (std::size_t i = 0; i < elements_.size(); ++i) {
      if (i != promoted.front() && isPrimary(elements_[i])) {
        elements_[i].object()->set("primary", false);
      }
    }
  }

  Result<void> settle(const std::vector<std::size_t>& promoted) {
    if (promoted.size() > 1) {
      return fail(ErrorKind::kInvalidValue, whole_, "can have only one primary value");
    }
    demoteOthers(promoted);
    std::erase_if(elements_, [](const json::Value& element) {
      return element.isNull() || (element.isObject() && element.object()->empty());
    });
    removeRepeated(definition_, elements_);
    return {};
  }

  PatchContext& context_;
  const PatchOperation& operation_;
  AttributeRef whole_;
  const Attribute& definition_;
  json::Array& elements_;
};

}  // namespace

Result<void> patchElements(PatchContext& context, const PatchOperation& operation,
                           json::Array& elements) {
  return ElementsPatch(context, operation, elements).apply();
}

}  // namespace vestibule::scim
