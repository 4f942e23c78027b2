#include "store/filter_plan.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "scim/schema/comparison_key.h"

namespace vestibule::store {
namespace {

using Column = IndexTerm::Column;

/// The terms of which one must hold; none: nothing matches.
struct Clause {
  std::vector<IndexTerm> terms;
  bool exact = true;  ///< false: what matches satisfies the clause, but so may other resources
};

/// Clauses that become joins; more of them cost the optimiser more than they save.
constexpr std::size_t kMostClauses = 6;
/// What the name columns hold at most; longer names do not exist.
constexpr std::size_t kNameKeyBytes = 1'020;

/// The keys that begin with `prefix` end before this; nothing when there is no such end.
std::optional<std::string> endOfPrefix(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xFF') prefix.pop_back();
  if (prefix.empty()) return std::nullopt;
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

/// The keys that the operator accepts; nothing where they are not one range.
std::optional<KeyRange> rangeOf(scim::CompareOp op, std::string literal) {
  // Between a key and the same with a zero byte behind it there is no other.
  switch (op) {
    case scim::CompareOp::kSw:
      return KeyRange{literal, endOfPrefix(literal)};
    case scim::CompareOp::kGt:
      return KeyRange{std::move(literal) + '\0', std::nullopt};
    case scim::CompareOp::kGe:
      return KeyRange{std::move(literal), std::nullopt};
    case scim::CompareOp::kLt:
      return KeyRange{"", std::move(literal)};
    case scim::CompareOp::kLe:
      return KeyRange{"", std::move(literal) + '\0'};
    case scim::CompareOp::kEq:
    case scim::CompareOp::kNe:
    case scim::CompareOp::kCo:
    case scim::CompareOp::kEw:
      return std::nullopt;
  }
  return std::nullopt;
}

/// The range as it is among keys of scim::indexKey, of which long ones are cut. False when that
/// range is wider, because an end of it lies in what is cut off.
bool cutToIndex(KeyRange& range) {
  constexpr std::size_t kept = scim::kKeptOfLongKey;
  bool exact = true;
  if (range.from.size() > kept) {
    range.from.resize(kept);
    exact = false;
  }
  if (range.before && range.before->size() > kept) {
    range.before = endOfPrefix(range.before->substr(0, kept));
    exact = false;
  }
  return exact;
}

/// True for terms whose row numbers may be written out and made distinct: an open range would be
/// too many.
bool mayBeAlternative(const IndexTerm& term) {
  return !isRange(term) || (term.keys && !term.keys->from.empty() && term.keys->before);
}

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
      if (!add(std::move(*clause))) rest_.push_back(index);
      return;
    }
    if (const auto* path = std::get_if<scim::ValuePath>(&node)) narrow(path->child);
    rest_.push_back(index);
  }

  /// True when the clause, now part of the plan, says all.
  bool add(Clause clause) {
    if (clause.terms.empty()) plan_.nothing = true;
    if (plan_.clauses.size() == kMostClauses) return false;
    plan_.clauses.push_back(std::move(clause.terms));
    return clause.exact;
  }

  /// Clauses that every element satisfying the inside of a value path implies.
  void narrow(scim::NodeIndex index) {
    const auto& node = filter_.nodes[index];
    if (const auto* all = std::get_if<scim::And>(&node)) {
      for (const auto child : all->children) narrow(child);
    } else if (auto clause = clauseOf(index)) {
      add(std::move(*clause));
    }
  }

  /// The clause that the node is, if it is one.
  std::optional<Clause> clauseOf(scim::NodeIndex index) const {
    const auto& node = filter_.nodes[index];
    if (const auto* comparison = std::get_if<scim::Comparison>(&node)) return termOf(*comparison);
    if (const auto* path = std::get_if<scim::ValuePath>(&node)) return clauseOf(path->child);
    const auto* any = std::get_if<scim::Or>(&node);
    if (any == nullptr) return std::nullopt;
    Clause clause;
    for (const auto child : any->children) {
      auto alternative = clauseOf(child);
      if (!alternative) return std::nullopt;
      clause.exact = clause.exact && alternative->exact;
      for (auto& term : alternative->terms) {
        if (!mayBeAlternative(term)) return std::nullopt;
        if (std::find(clause.terms.begin(), clause.terms.end(), term) == clause.terms.end()) {
          clause.terms.push_back(std::move(term));
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
    const bool equal = comparison.op == scim::CompareOp::kEq;
    if (ref.schema == nullptr && ref.sub == nullptr) {
      if (ref.attribute->name == "id" && equal) {
        return idTerm(Column::kId, comparison, subject_.kind);
      }
      if (ref.attribute->name == "externalId")
        return keyTerm({Column::kExternalId, 0, {}}, comparison);
      return std::nullopt;
    }
    if (ref.attribute == subject_.type->naming_attribute && ref.sub == nullptr) {
      return nameTerm(comparison);
    }
    if (ref.attribute->relation) {
      if (!equal || ref.sub == nullptr || ref.sub->name != "value") return std::nullopt;
      const bool user = subject_.kind == ResourceKind::kUser;
      if (const auto id = ResourceId::parse(comparison.key);
          !user && id && id->kind() == ResourceKind::kGroup) {
        return idTerm(Column::kNestedMember, comparison, ResourceKind::kGroup);
      }
      return idTerm(Column::kRelated, comparison,
                    user ? ResourceKind::kGroup : ResourceKind::kUser);
    }
    if (ref.target().index != 0) {
      IndexTerm term{Column::kAttribute, ref.target().index, {}};
      term.several = !equal && (ref.attribute->multi_valued || ref.target().multi_valued);
      return keyTerm(std::move(term), comparison);
    }
    return std::nullopt;
  }

  /// A term on keys of scim::indexKey.
  static std::optional<Clause> keyTerm(IndexTerm term, const scim::Comparison& comparison) {
    if (comparison.op == scim::CompareOp::kEq) {
      term.key = scim::indexKey(comparison.key);
      return Clause{{std::move(term)}};
    }
    term.keys = rangeOf(comparison.op, comparison.key);
    if (!term.keys) return std::nullopt;
    const bool exact = cutToIndex(*term.keys);
    return Clause{{std::move(term)}, exact};
  }

  /// A term on names. Ranges are of names with the prefix in front, the column has none.
  std::optional<Clause> nameTerm(const scim::Comparison& comparison) const {
    IndexTerm term{Column::kName, 0, {}};
    if (comparison.op == scim::CompareOp::kEq) {
      if (comparison.key.size() > kNameKeyBytes) return Clause{};
      term.key = comparison.key;
      return Clause{{std::move(term)}};
    }
    const auto prefix = namingPrefixKey(*subject_.type, subject_.naming_prefix);
    term.keys = rangeOf(comparison.op, comparison.key);
    if (!term.keys) return std::nullopt;
    auto& [from, before] = *term.keys;
    // Of the whole range, the part that begins with the prefix.
    if (before && *before <= prefix) return Clause{};
    if (from.starts_with(prefix)) {
      from.erase(0, prefix.size());
    } else if (from < prefix) {
      from.clear();
    } else {
      return Clause{};
    }
    if (before && before->starts_with(prefix)) {
      before->erase(0, prefix.size());
    } else {
      before.reset();
    }
    return Clause{{std::move(term)}};
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
    return Clause{{{column, 0, std::string(id->bytes())}}};
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
    return Clause{{std::move(term)}};
  }

  const FilterSubject& subject_;
  const scim::BoundFilter& filter_;
  FilterPlan plan_;
  std::vector<scim::NodeIndex> rest_;
};

}  // namespace

bool isRange(const IndexTerm& term) {
  return term.keys || term.column == IndexTerm::Column::kCreated ||
         term.column == IndexTerm::Column::kModified;
}

std::uint64_t candidatesAtOnce(const std::vector<std::vector<IndexTerm>>& clauses) {
  constexpr std::uint64_t kFew = 32;
  constexpr std::uint64_t kMany = 1'000;
  const bool in_order = std::all_of(clauses.begin(), clauses.end(), [](const auto& clause) {
    return clause.size() == 1 && !isRange(clause.front()) && !clause.front().nested;
  });
  return in_order ? kFew : kMany;
}

std::string namingPrefixKey(const scim::ResourceType& type, std::string_view naming_prefix) {
  if (naming_prefix.empty() || type.naming_attribute == nullptr) return {};
  const json::Value text{std::string(naming_prefix)};
  return scim::comparisonKey(*type.naming_attribute, text).value_or(std::string(naming_prefix));
}

FilterPlan planFilter(const FilterSubject& subject, const scim::BoundFilter& filter) {
  return Planner(subject, filter).plan();
}

}  // namespace vestibule::store
