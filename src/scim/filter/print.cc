#include <array>
#include <string>

#include "json/write.h"
#include "scim/filter/filter.h"

namespace vestibule::scim {
namespace {

std::string_view operatorName(CompareOp op) {
  constexpr std::array<std::string_view, 9> kNames{"eq", "ne", "co", "sw", "ew",
                                                   "gt", "ge", "lt", "le"};
  return kNames[static_cast<std::size_t>(op)];
}

class Printer {
 public:
  explicit Printer(const BoundFilter& filter) : filter_(filter) {}

  std::string print() && {
    node(filter_.root, /*in_element=*/insideValuePath());
    return std::move(out_);
  }

 private:
  /// A value filter by itself names sub-attributes without their parent; only parseValueFilter
  /// makes one.
  bool insideValuePath() const { return filter_.elements_of.attribute != nullptr; }

  void path(const AttributeRef& attribute, bool in_element) {
    if (!in_element) {
      out_ += attribute.text();
    } else {
      out_ += attribute.sub != nullptr ? std::string_view(attribute.sub->name) : "value";
    }
  }

  void combined(const std::vector<NodeIndex>& children, std::string_view word, bool in_element) {
    bool first = true;
    for (const NodeIndex child : children) {
      if (!first) out_ += word;
      first = false;
      const FilterNode& inner = filter_.nodes[child];
      const bool grouped = std::holds_alternative<And>(inner) || std::holds_alternative<Or>(inner);
      if (grouped) out_ += '(';
      node(child, in_element);
      if (grouped) out_ += ')';
    }
  }

  void node(NodeIndex index, bool in_element) {
    const FilterNode& current = filter_.nodes[index];
    if (const auto* comparison = std::get_if<Comparison>(&current)) {
      path(comparison->attribute, in_element);
      out_ += ' ';
      out_ += operatorName(comparison->op);
      out_ += ' ';
      json::append(out_, comparison->literal);
    } else if (const auto* present = std::get_if<Present>(&current)) {
      path(present->attribute, in_element);
      out_ += " pr";
    } else if (const auto* all = std::get_if<And>(&current)) {
      combined(all->children, " and ", in_element);
    } else if (const auto* any = std::get_if<Or>(&current)) {
      combined(any->children, " or ", in_element);
    } else if (const auto* selected = std::get_if<ValuePath>(&current)) {
      path(selected->attribute, in_element);
      out_ += '[';
      node(selected->child, true);
      out_ += ']';
    } else {
      out_ += "not (";
      node(std::get<Not>(current).child, in_element);
      out_ += ')';
    }
  }

  const BoundFilter& filter_;
  std::string out_;
};

}  // namespace

std::string printFilter(const BoundFilter& filter) { return Printer(filter).print(); }

}  // namespace vestibule::scim
