#include "store/filter_plan.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "scim/schema/comparison_key.h"
#include "store/resource_table.h"

namespace vestibule::store {
namespace {

using Clause = std::vector<IndexTerm>;
using Column = IndexTerm::Column;

/// Clauses that become joins; more of them cost the optimiser more than they save.
constexpr std::size_t kMostClauses = 6;
/// What the name columns hold at most; longer names do not exist.
constexpr std::size_t kNameKeyBytes = 1'020;

/// Reads one filter for one subject.
class Planner {
 public:
  Planner(const FilterSubject& subject, const scim::BoundFilter& filter)
      : subject_(subject), filter_(filter) {}

  FilterPlan plan() {
    takeApart(filter_.root);
    if (!rest_.empty() && !plan_.nothing) {
      scim::BoundFilter rest = filter_;
      if (rest_.size() == 1) {
        rest.root = rest_.front();
      } else {
        rest.root = static_cast<scim::NodeIndex>(rest.nodes.size());
        rest.nodes.emplace_back(scim::And{std::move(rest_)});
      }
      plan_.rest = std::move(rest);
    }
    return std::move(plan_);
  }

 private:
  /// Puts one part of the top-level conjunction where it belongs.
  void takeApart(scim::NodeIndex index) {
    const auto& node = filter_.nodes[index];
    if (const auto* all = std::get_if<scim::And>(&node)) {
      for (const auto child : all->children) takeApart(child);
      return;
    }
    if (auto clause = clauseOf(index)) {
      if (clause->empty()) plan_.nothing = true;
      if (plan_.clauses.size() < kMostClauses) {
        plan_.clauses.push_back(std::move(*clause));
      } else {
        rest_.push_back(index);
      }
      return;
    }
    if (const auto* path = std::get_if<scim::ValuePath>(&node)) narrow(path->child);
    rest_.push_back(index);
  }

  /// Clauses that every element satisfying the inside of a value path implies.
  void narrow(scim::NodeIndex index) {
    const auto& node = filter_.nodes[index];
    if (const auto* all = std::get_if<scim::And>(&node)) {
      for (const auto child : all->children) narrow(child);
    } else if (auto clause = clauseOf(index); clause && plan_.clauses.size() < kMostClauses) {
      if (clause->empty()) plan_.nothing = true;
      plan_.clauses.push_back(std::move(*clause));
    }
  }

  /// The terms of which one must hold, if that is all the node says. An empty clause is never true.
  std::optional<Clause> clauseOf(scim::NodeIndex index) const {
    const auto& node = filter_.nodes[index];
    if (const auto* comparison = std::get_if<scim::Comparison>(&node)) return termOf(*comparison);
    if (const auto* path = std::get_if<scim::ValuePath>(&node)) return clauseOf(path->child);
    const auto* any = std::get_if<scim::Or>(&node);
    if (any == nullptr) return std::nullopt;
    Clause clause;
    for (const auto child : any->children) {
      auto terms = clauseOf(child);
      if (!terms) return std::nullopt;
      // The numbers of a wide range would be written out and sorted.
      if (std::any_of(terms->begin(), terms->end(), isRange)) return std::nullopt;
      for (auto& term : *terms) {
        if (std::find(clause.begin(), clause.end(), term) == clause.end()) {
          clause.push_back(std::move(term));
        }
      }
    }
    return clause;
  }

  std::optional<Clause> termOf(const scim::Comparison& comparison) const {
    const auto& ref = comparison.attribute;
    if (ref.schema == nullptr && ref.sub != nullptr &&
        ref.sub->type == scim::AttributeType::kDateTime) {
      return dateTerm(comparison);
    }
    if (comparison.op != scim::CompareOp::kEq) return std::nullopt;
    const bool user = subject_.kind == ResourceKind::kUser;
    if (ref.schema == nullptr && ref.sub == nullptr) {
      if (ref.attribute->name == "id") return idTerm(Column::kId, comparison, subject_.kind);
      if (ref.attribute->name == "externalId") {
        return Clause{{Column::kExternalId, 0, scim::indexKey(comparison.key)}};
      }
      return std::nullopt;
    }
    if (ref.attribute == subject_.type->naming_attribute && ref.sub == nullptr) {
      if (comparison.key.size() > kNameKeyBytes) return Clause{};
      return Clause{{Column::kName, 0, comparison.key}};
    }
    if (ref.attribute->relation) {
      if (ref.sub == nullptr || ref.sub->name != "value") return std::nullopt;
      if (const auto id = ResourceId::parse(comparison.key);
          !user && id && id->kind() == ResourceKind::kGroup) {
        return idTerm(Column::kNestedMember, comparison, ResourceKind::kGroup);
      }
      return idTerm(Column::kRelated, comparison,
                    user ? ResourceKind::kGroup : ResourceKind::kUser);
    }
    if (ref.target().index != 0 && !tableOf(subject_.kind).attributes.empty()) {
      return Clause{{Column::kAttribute, ref.target().index, scim::indexKey(comparison.key)}};
    }
    return std::nullopt;
  }

  /// Ids are stored as 16 bytes. Text that is no id, or one of another kind or domain, is nobody's
  /// here.
  std::optional<Clause> idTerm(Column column, const scim::Comparison& comparison,
                               ResourceKind kind) const {
    const auto id = ResourceId::parse(comparison.key);
    // Keys of caseExact attributes keep their case, and ids are lower-case.
    if (!id || id->text() != comparison.key || id->kind() != kind ||
        id->domain() != subject_.domain) {
      return Clause{};
    }
    return Clause{{column, 0, std::string(id->bytes())}};
  }

  /// Rows keep microseconds, clients see and compare milliseconds.
  static std::optional<Clause> dateTerm(const scim::Comparison& comparison) {
    constexpr Timestamp kMillisecond = 1'000;
    const auto instant = scim::instantOfKey(comparison.key);
    const Timestamp remainder = instant % kMillisecond;
    const Timestamp begin = instant - (remainder < 0 ? remainder + kMillisecond : remainder);
    const Timestamp end = begin + kMillisecond;
    // The first row that shows as not before the literal, and the first that shows as behind it.
    const Timestamp at_or_behind = remainder == 0 ? begin : end;
    IndexTerm term;
    term.column =
        comparison.attribute.sub->name == "created" ? Column::kCreated : Column::kModified;
    term.from = std::numeric_limits<Timestamp>::min();
    term.before = std::numeric_limits<Timestamp>::max();
    switch (comparison.op) {
      case scim::CompareOp::kEq:
        if (remainder != 0) return Clause{};
        term.from = begin;
        term.before = end;
        break;
      case scim::CompareOp::kGt:
        term.from = end;
        break;
      case scim::CompareOp::kGe:
        term.from = at_or_behind;
        break;
      case scim::CompareOp::kLt:
        term.before = at_or_behind;
        break;
      case scim::CompareOp::kLe:
        term.before = end;
        break;
      default:
        return std::nullopt;
    }
    return Clause{term};
  }

  const FilterSubject& subject_;
  const scim::BoundFilter& filter_;
  FilterPlan plan_;
  std::vector<scim::NodeIndex> rest_;
};

}  // namespace

bool isRange(const IndexTerm& term) {
  return term.column == IndexTerm::Column::kCreated || term.column == IndexTerm::Column::kModified;
}

FilterPlan planFilter(const FilterSubject& subject, const scim::BoundFilter& filter) {
  return Planner(subject, filter).plan();
}

}  // namespace vestibule::store
