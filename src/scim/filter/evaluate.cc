#include <algorithm>
#include <string>
#include <string_view>

#include "scim/filter/filter.h"
#include "scim/resource/elements.h"
#include "scim/resource/validate.h"
#include "scim/schema/comparison_key.h"

namespace vestibule::scim {
namespace {

/// Unassigned, "", [] and {} are all no value (RFC 7643 §2.5).
bool isPresent(const json::Value& value) {
  if (value.isNull()) return false;
  if (const std::string* text = value.string()) return !text->empty();
  if (const json::Array* array = value.array()) {
    return std::any_of(array->begin(), array->end(), isPresent);
  }
  if (const json::Object* object = value.object()) {
    return std::any_of(object->begin(), object->end(),
                       [](const json::Member& member) { return isPresent(member.value); });
  }
  return true;
}

/// Calls `visit` with each value, elements of arrays one by one, until it returns true.
template <typename Visit>
bool anyOf(const json::Value& value, const Visit& visit) {
  const json::Array* array = value.array();
  if (array == nullptr) return visit(value);
  return std::any_of(array->begin(), array->end(), visit);
}

/// Evaluates nodes against a resource, or against one element of it.
class Evaluator {
 public:
  Evaluator(const BoundFilter& filter, const json::Object* resource, const json::Value* element)
      : filter_(filter), resource_(resource), element_(element) {}

  // Recursion is as deep as the parser's depth limit allows.
  bool evaluateNode(NodeIndex index) const {
    const FilterNode& node = filter_.nodes[index];
    const auto true_for = [this](NodeIndex child) { return evaluateNode(child); };
    if (const auto* comparison = std::get_if<Comparison>(&node)) return compare(*comparison);
    if (const auto* present = std::get_if<Present>(&node)) {
      return anyValue(present->attribute, isPresent, &stored);
    }
    if (const auto* all = std::get_if<And>(&node)) {
      return std::all_of(all->children.begin(), all->children.end(), true_for);
    }
    if (const auto* any = std::get_if<Or>(&node)) {
      return std::any_of(any->children.begin(), any->children.end(), true_for);
    }
    if (const auto* path = std::get_if<ValuePath>(&node)) {
      const auto selected = [&](const json::Value& element) {
        return Evaluator(filter_, nullptr, &element).evaluateNode(path->child);
      };
      return anyValue(path->attribute, selected, &stored);
    }
    return !evaluateNode(std::get<Not>(node).child);
  }

 private:
  using Part = const json::Value* (*)(const Attribute& sub, const json::Value& element);

  static const json::Value* stored(const Attribute& sub, const json::Value& element) {
    return element.find(sub.name);
  }

  /// Visits the values the path leads to, through the elements of multi-valued attributes; `part`
  /// finds sub-attributes.
  template <typename Visit>
  bool anyValue(const AttributeRef& attribute, const Visit& visit, Part part) const {
    const json::Value* start = element_;
    if (start == nullptr) {
      AttributeRef whole = attribute;
      whole.sub = nullptr;
      start = valueAt(*resource_, whole);
    }
    if (start == nullptr) return false;
    if (attribute.sub == nullptr) return anyOf(*start, visit);
    return anyOf(*start, [&](const json::Value& element) {
      const json::Value* value = part(*attribute.sub, element);
      return value != nullptr && anyOf(*value, visit);
    });
  }

  bool compare(const Comparison& comparison) const {
    bool assigned = false;
    const auto satisfies = [&](const json::Value& value) {
      const Result<std::string> key = comparisonKey(comparison.attribute.target(), value);
      if (!key) return false;
      assigned = true;
      return holds(comparison.op, *key, comparison.key);
    };
    const bool found = anyValue(comparison.attribute, satisfies, &partOf);
    return found || (comparison.op == CompareOp::kNe && !assigned);
  }

  const BoundFilter& filter_;
  const json::Object* resource_;
  const json::Value* element_;
};

}  // namespace

bool holds(CompareOp op, std::string_view key, std::string_view literal) {
  switch (op) {
    case CompareOp::kEq:
      return key == literal;
    case CompareOp::kNe:
      return key != literal;
    case CompareOp::kCo:
      return key.find(literal) != std::string_view::npos;
    case CompareOp::kSw:
      return key.starts_with(literal);
    case CompareOp::kEw:
      return key.ends_with(literal);
    case CompareOp::kGt:
      return key > literal;
    case CompareOp::kGe:
      return key >= literal;
    case CompareOp::kLt:
      return key < literal;
    case CompareOp::kLe:
      return key <= literal;
  }
  return false;
}

bool evaluate(const BoundFilter& filter, const json::Object& resource) {
  return Evaluator(filter, &resource, nullptr).evaluateNode(filter.root);
}

bool evaluateElement(const BoundFilter& value_filter, const json::Value& element) {
  return Evaluator(value_filter, nullptr, &element).evaluateNode(value_filter.root);
}

}  // namespace vestibule::scim
