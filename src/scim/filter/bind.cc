#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/unicode.h"
#include "scim/filter/filter.h"
#include "scim/filter/lexer.h"
#include "scim/filter/parser.h"
#include "scim/path/attribute_path.h"
#include "scim/schema/comparison_key.h"

namespace vestibule::scim {
namespace {

bool isSubstringOp(CompareOp op) {
  return op == CompareOp::kCo || op == CompareOp::kSw || op == CompareOp::kEw;
}

bool isEquality(CompareOp op) { return op == CompareOp::kEq || op == CompareOp::kNe; }

/// Whether the type has the operator (RFC 7644 §3.4.2.2, Table 3).
bool hasOperator(AttributeType type, CompareOp op) {
  switch (type) {
    case AttributeType::kString:
    case AttributeType::kReference:
      return true;
    case AttributeType::kDecimal:
    case AttributeType::kInteger:
    case AttributeType::kDateTime:
      return !isSubstringOp(op);
    case AttributeType::kBoolean:
    case AttributeType::kBinary:
      return isEquality(op);
    case AttributeType::kComplex:
      return false;
  }
  return false;
}

std::string_view literalName(AttributeType type) {
  switch (type) {
    case AttributeType::kBoolean:
      return "true or false";
    case AttributeType::kDecimal:
      return "a number";
    case AttributeType::kInteger:
      return "an integer";
    case AttributeType::kDateTime:
      return "a date and time such as \"2026-01-31T08:00:00Z\"";
    case AttributeType::kBinary:
      return "a string in base64";
    default:
      return "a string in double quotes";
  }
}

bool isHidden(const Attribute& attribute) {
  return attribute.returned == Returned::kNever || attribute.mutability == Mutability::kWriteOnly;
}

/// What `co`, `sw` and `ew` look for in prepared user names. A piece of a name may begin or end
/// with one of the name's spaces, which no whole name may; a piece that cannot be part of a name is
/// folded, which finds nothing or what it looks like.
std::string userNamePiece(const std::string& literal) {
  const std::size_t first = literal.find_first_not_of(' ');
  if (first == std::string::npos) return literal;
  const std::size_t end = literal.find_last_not_of(' ') + 1;
  const Result<std::string> core = prepareUserName(literal.substr(first, end - first));
  if (!core) return foldCase(literal);
  return literal.substr(0, first) + *core + literal.substr(end);
}

/// Turns syntax into a bound filter, either for a whole resource or for the elements of one
/// attribute.
class Binder {
 public:
  Binder(const Registry& registry, const ResourceType& type, std::string_view text,
         Tolerating tolerating)
      : registry_(&registry), type_(&type), text_(text), tolerating_(tolerating) {}
  Binder(const AttributeRef& element_of, std::string_view text, Tolerating tolerating)
      : element_of_(element_of), text_(text), tolerating_(tolerating) {
    filter_.elements_of = element_of;
  }

  /// From here on an attribute that the type does not have has no value, and its path is added to
  /// `unknown`.
  void takeUnknown(std::vector<std::string>& unknown) { unknown_ = &unknown; }

  Result<BoundFilter> bind(const FilterSyntax& syntax) {
    syntax_ = &syntax;
    Result<NodeIndex> root = bindNode(syntax.root);
    if (!root) return propagate(root);
    filter_.root = *root;
    return std::move(filter_);
  }

 private:
  tl::unexpected<Error> fail(std::size_t position, std::string_view reason) const {
    return filterFailure(text_, position, reason);
  }

  NodeIndex push(FilterNode node) {
    filter_.nodes.push_back(std::move(node));
    return static_cast<NodeIndex>(filter_.nodes.size() - 1);
  }

  Result<NodeIndex> bindNode(NodeIndex index) {
    const SyntaxNode& node = syntax_->nodes[index];
    if (const auto* term = std::get_if<SyntaxTerm>(&node)) return bindTerm(*term);
    if (const auto* all = std::get_if<SyntaxAnd>(&node)) return bindChildren<And>(all->children);
    if (const auto* any = std::get_if<SyntaxOr>(&node)) return bindChildren<Or>(any->children);
    if (const auto* path = std::get_if<SyntaxValuePath>(&node)) return bindValuePath(*path);
    Result<NodeIndex> child = bindNode(std::get<SyntaxNot>(node).child);
    if (!child) return propagate(child);
    return push(Not{*child});
  }

  template <typename Combined>
  Result<NodeIndex> bindChildren(const std::vector<NodeIndex>& children) {
    Combined combined;
    combined.children.reserve(children.size());
    for (const NodeIndex index : children) {
      Result<NodeIndex> child = bindNode(index);
      if (!child) return propagate(child);
      combined.children.push_back(*child);
    }
    return push(std::move(combined));
  }

  /// An empty `and` is true, an empty `or` is false.
  NodeIndex constant(bool value) { return value ? push(And{}) : push(Or{}); }

  bool takesAsUnknown(const std::string& path) {
    if (unknown_ == nullptr || element_of_ ||
        resolveAttribute(*registry_, *type_, path, ErrorKind::kInvalidFilter)) {
      return false;
    }
    unknown_->push_back(path);
    return true;
  }

  Result<NodeIndex> bindValuePath(const SyntaxValuePath& path) {
    if (takesAsUnknown(path.path)) return constant(false);
    Result<AttributeRef> found = resolve(path.path, path.position);
    if (!found) return propagate(found);
    const AttributeRef attribute = *found;
    const bool complex = attribute.attribute->type == AttributeType::kComplex;
    if (attribute.sub != nullptr || (!complex && !attribute.attribute->multi_valued)) {
      return fail(path.position, "'" + attribute.text() + "' has no elements that '[…]' selects");
    }
    element_of_ = attribute;
    Result<NodeIndex> child = bindNode(path.child);
    if (child && path.behind) {
      Result<NodeIndex> behind = bindTerm(*path.behind);
      if (!behind) return propagate(behind);
      child = push(And{{*child, *behind}});
    }
    element_of_.reset();
    if (!child) return propagate(child);
    return push(ValuePath{attribute, *child});
  }

  Result<AttributeRef> resolve(const std::string& path, std::size_t position) const {
    Result<AttributeRef> found =
        element_of_ ? resolveInElement(path, position)
                    : resolveAttribute(*registry_, *type_, path, ErrorKind::kInvalidFilter);
    if (!found) {
      if (element_of_) return found;
      return fail(position, found.error().detail);
    }
    if (isHidden(*found->attribute) || isHidden(found->target())) {
      return fail(position, "'" + found->text() + "' cannot be used in a filter");
    }
    return found;
  }

  Result<AttributeRef> resolveInElement(const std::string& name, std::size_t position) const {
    AttributeRef found = *element_of_;
    if (found.attribute->type != AttributeType::kComplex) {
      if (equalIgnoringAsciiCase(name, "value")) return found;
      return fail(position, "the elements of '" + found.text() + "' only have 'value'");
    }
    found.sub = found.attribute->findSub(name);
    if (found.sub == nullptr) {
      const FilterToken shown{FilterTokenKind::kWord, position, name, {}};
      return fail(position,
                  "'" + element_of_->text() + "' has no sub-attribute " + describeToken(shown));
    }
    return found;
  }

  /// What a comparison with no value is: `eq null` and `ne "x"` hold, nothing else does.
  static bool holdsWithoutValue(const SyntaxTerm& term) {
    const bool null = term.literal.value && term.literal.value->isNull();
    return term.op == (null ? CompareOp::kEq : CompareOp::kNe);
  }

  Result<NodeIndex> bindTerm(const SyntaxTerm& term) {
    if (takesAsUnknown(term.path)) return constant(holdsWithoutValue(term));
    Result<AttributeRef> found = resolve(term.path, term.position);
    if (!found) return propagate(found);
    AttributeRef attribute = *found;
    if (!term.op) return push(Present{attribute});
    const bool null = term.literal.value && term.literal.value->isNull();
    if (null) return bindNull(attribute, *term.op, term.literal.position);

    if (attribute.target().type == AttributeType::kComplex) {
      // RFC 7644 §3.4.2.2 gives `emails co "example.com"` as an example.
      const Attribute* value =
          attribute.attribute->multi_valued ? attribute.attribute->findSub("value") : nullptr;
      if (value == nullptr) {
        return fail(term.position,
                    "'" + attribute.text() + "' is complex: name the sub-attribute to compare");
      }
      attribute.sub = value;
      if (isHidden(*value)) {
        return fail(term.position, "'" + attribute.text() + "' cannot be used in a filter");
      }
    }
    if (!hasOperator(attribute.target().type, *term.op)) {
      return fail(term.position, "'" + attribute.text() + "' cannot be compared by this operator");
    }
    Result<json::Value> literal = typedLiteral(attribute, term.literal);
    if (!literal) return propagate(literal);
    Result<std::string> key = literalKey(attribute.target(), *term.op, *literal);
    if (!key) {
      return fail(term.literal.position, "'" + attribute.text() + "' is compared with " +
                                             std::string(literalName(attribute.target().type)));
    }
    return push(Comparison{attribute, *term.op, std::move(*key), std::move(*literal)});
  }

  Result<NodeIndex> bindNull(const AttributeRef& attribute, CompareOp op, std::size_t position) {
    if (!isEquality(op)) return fail(position, "null can only be compared by eq and ne");
    const NodeIndex present = push(Present{attribute});
    return op == CompareOp::kNe ? present : push(Not{present});
  }

  /// The literal as a JSON value of the kind the attribute's type has.
  Result<json::Value> typedLiteral(const AttributeRef& attribute,
                                   const FilterLiteral& literal) const {
    const AttributeType type = attribute.target().type;
    const auto acceptsBare = [&] { return tolerating_.accepts(Tolerance::kUnquotedFilterValues); };
    switch (type) {
      case AttributeType::kBoolean:
        if (literal.value && literal.value->isBool()) return *literal.value;
        for (const bool value : {true, false}) {
          const bool named = equalIgnoringAsciiCase(literal.bare, value ? "true" : "false");
          if (named && acceptsBare()) return json::Value(value);
        }
        break;
      case AttributeType::kDecimal:
      case AttributeType::kInteger:
        if (literal.value && literal.value->isNumber()) return *literal.value;
        break;
      default:
        if (literal.value && literal.value->isString()) return *literal.value;
        if (!literal.bare.empty() && acceptsBare()) return json::Value(literal.bare);
        break;
    }
    return fail(literal.position,
                "'" + attribute.text() + "' is compared with " + std::string(literalName(type)));
  }

  static Result<std::string> literalKey(const Attribute& attribute, CompareOp op,
                                        const json::Value& literal) {
    if (isSubstringOp(op) && attribute.preparation == Preparation::kUserName) {
      return userNamePiece(*literal.string());
    }
    return comparisonKey(attribute, literal);
  }

  const Registry* registry_ = nullptr;
  const ResourceType* type_ = nullptr;
  std::optional<AttributeRef> element_of_;
  std::string_view text_;
  Tolerating tolerating_;
  const FilterSyntax* syntax_ = nullptr;
  std::vector<std::string>* unknown_ = nullptr;
  BoundFilter filter_;
};

}  // namespace

Result<BoundFilter> parseFilter(const Registry& registry, const ResourceType& type,
                                std::string_view text, const FilterLimits& limits,
                                Tolerating tolerating) {
  Result<FilterSyntax> syntax = parseFilterSyntax(text, /*inside_value_path=*/false, limits);
  if (!syntax) return propagate(syntax);
  return Binder(registry, type, text, tolerating).bind(*syntax);
}

Result<BoundFilter> parseFilterOfSeveral(const Registry& registry, const ResourceType& type,
                                         std::string_view text, std::vector<std::string>& unknown,
                                         const FilterLimits& limits, Tolerating tolerating) {
  Result<FilterSyntax> syntax = parseFilterSyntax(text, /*inside_value_path=*/false, limits);
  if (!syntax) return propagate(syntax);
  Binder binder(registry, type, text, tolerating);
  binder.takeUnknown(unknown);
  return binder.bind(*syntax);
}

Result<BoundFilter> parseValueFilter(const AttributeRef& attribute, std::string_view text,
                                     const FilterLimits& limits, Tolerating tolerating) {
  Result<FilterSyntax> syntax = parseFilterSyntax(text, /*inside_value_path=*/true, limits);
  if (!syntax) return propagate(syntax);
  AttributeRef element_of = attribute;
  element_of.sub = nullptr;
  return Binder(element_of, text, tolerating).bind(*syntax);
}

}  // namespace vestibule::scim
