#include "store/group_nesting.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "store/result_rows.h"
#include "store/statement_batch.h"
#include "store/statement_text.h"

namespace vestibule::store {
namespace {

using Number = std::uint64_t;
using Numbers = std::set<Number>;
using Pairs = std::vector<std::pair<Number, Number>>;
/// From each group to those it leads to.
using Links = std::map<Number, std::vector<Number>>;

/// Numbers of one IN list, and rows of one INSERT.
constexpr std::size_t kNumbersPerStatement = 2'000;
constexpr std::size_t kInsertsPerRun = 10;

std::vector<Number> listOf(const Numbers& numbers) { return {numbers.begin(), numbers.end()}; }

Numbers difference(const Numbers& from, const Numbers& take) {
  Numbers left;
  std::set_difference(from.begin(), from.end(), take.begin(), take.end(),
                      std::inserter(left, left.end()));
  return left;
}

/// How many groups the longest way along the links has, each beginning counted. There are no
/// circles among what is stored.
class LongestWay {
 public:
  explicit LongestWay(const Links& links) : links_(links) {}

  std::size_t from(Number group) {
    if (const auto known = known_.find(group); known != known_.end()) return known->second;
    std::size_t longest = 0;
    if (const auto next = links_.find(group); next != links_.end()) {
      for (const Number other : next->second) longest = std::max(longest, from(other));
    }
    return known_[group] = longest + 1;
  }

 private:
  const Links& links_;
  std::map<Number, std::size_t> known_;
};

/// One change of the groups in one group.
class Nesting {
 public:
  Nesting(Session& session, const std::string& schema, Number group)
      : session_(session), schema_(schema), group_(group) {}

  Result<NestingChanged> run(const NestingChange& change) {
    if (auto read = readState(change); !read) return propagate(read);
    const Numbers wanted(change.add.begin(), change.add.end());
    const Numbers added = difference(wanted, members_);
    Numbers removed;
    if (change.replace_all) {
      removed = difference(members_, wanted);
    } else {
      for (const Number member : change.remove) {
        if (members_.contains(member)) removed.insert(member);
      }
    }
    if (!removed.empty()) {
      if (auto done = remove(removed); !done) return propagate(done);
    }
    if (!added.empty()) {
      if (auto done = add(added); !done) return propagate(done);
    }
    return NestingChanged{added.size(), removed.size()};
  }

 private:
  /// A refusal; nothing of the transaction stays.
  tl::unexpected<Error> refuse(ErrorKind kind, std::string detail) {
    rollback(session_);
    return failure(kind, std::move(detail), "members");
  }
  tl::unexpected<Error> tooMuch() {
    return refuse(ErrorKind::kTooMany,
                  "too many groups are below and above this change: change fewer groups at once");
  }

  /// Reads which of the groups concerned are members, and what is above the group.
  Result<void> readState(const NestingChange& change) {
    StatementBatch batch;
    batch.add(forSchemas(sql::kAbove, schema_), {group_, Number{kMostPairs}});
    if (change.replace_all) {
      batch.add(forSchemas(sql::kNestedMembers, schema_), {group_, Number{kMostPairs + 1}});
    } else {
      std::vector<Number> concerned = change.add;
      concerned.insert(concerned.end(), change.remove.begin(), change.remove.end());
      for (std::size_t from = 0; from < concerned.size(); from += kNumbersPerStatement) {
        batch.add(withList(forSchemas(sql::kMembersAmong, schema_),
                           numberList(concerned, from, kNumbersPerStatement)),
                  {group_});
      }
    }
    auto results = batch.run(session_);
    if (!results) return propagate(results);
    above_.insert(group_);
    for (const auto number : numbersOf(results->front().rows)) above_.insert(number);
    for (auto result = results->begin() + 1; result != results->end(); ++result) {
      for (const auto number : numbersOf(result->rows)) members_.insert(number);
    }
    if (above_.size() > kMostPairs || members_.size() > kMostPairs) return tooMuch();
    return {};
  }

  /// Pairs of numbers that a statement gives for a list of groups. Error kTooMany when these are
  /// too many.
  Result<Pairs> pairsOf(std::string_view statement, const Numbers& of) {
    Pairs pairs;
    const auto list = listOf(of);
    const std::string text = forSchemas(statement, schema_);
    for (std::size_t from = 0; from < list.size(); from += kNumbersPerStatement) {
      StatementBatch batch;
      batch.add(withList(text, numberList(list, from, kNumbersPerStatement)),
                {Number{kMostPairs + 1 - pairs.size()}});
      auto results = batch.run(session_);
      if (!results) return propagate(results);
      for (const auto& row : results->front().rows) {
        pairs.emplace_back(unsignedAt(row, 0), unsignedAt(row, 1));
      }
      if (pairs.size() > kMostPairs) return tooMuch();
    }
    return pairs;
  }

  /// The groups, and all that is below them.
  Result<Numbers> withBelow(const Numbers& groups) {
    auto pairs = pairsOf(sql::kBelow, groups);
    if (!pairs) return propagate(pairs);
    Numbers all = groups;
    for (const auto& [group, below] : *pairs) all.insert(below);
    return all;
  }

  /// Runs a statement on lists of groups.
  Result<void> runOn(std::string_view statement, const Numbers& groups,
                     std::initializer_list<Parameter> parameters) {
    const auto list = listOf(groups);
    const std::string text = forSchemas(statement, schema_);
    StatementBatch batch;
    for (std::size_t from = 0; from < list.size(); from += kNumbersPerStatement) {
      batch.add(withList(text, numberList(list, from, kNumbersPerStatement)), parameters);
    }
    auto ran = batch.run(session_);
    if (!ran) return propagate(ran);
    return {};
  }

  Result<void> insert(std::string_view statement, const Pairs& pairs) {
    const std::string text = forSchemas(statement, schema_);
    for (std::size_t from = 0; from < pairs.size();) {
      StatementBatch batch;
      for (std::size_t i = 0; i < kInsertsPerRun && from < pairs.size(); ++i) {
        std::string rows;
        for (const std::size_t end = std::min(pairs.size(), from + kNumbersPerStatement);
             from < end; ++from) {
          if (!rows.empty()) rows += ',';
          rows += '(' + std::to_string(pairs[from].first) + ',' +
                  std::to_string(pairs[from].second) + ')';
        }
        batch.add(text + rows);
      }
      if (auto ran = batch.run(session_); !ran) return propagate(ran);
    }
    return {};
  }

  Result<void> remove(const Numbers& removed) {
    auto touched = withBelow(removed);
    if (!touched) return propagate(touched);
    if (touched->size() * above_.size() > kMostPairs) return tooMuch();
    if (auto gone = runOn(sql::kDeleteEdges, removed, {group_}); !gone) return gone;
    return repair(*touched);
  }

  /// Works out anew, from the edges, which of the groups above are still above each of those
  /// touched: nothing else can have changed.
  Result<void> repair(const Numbers& touched) {
    auto edges = pairsOf(sql::kEdgesTo, touched);
    if (!edges) return propagate(edges);
    Links containers;
    Numbers outside;
    for (const auto& [container, member] : *edges) {
      containers[member].push_back(container);
      if (!touched.contains(container)) outside.insert(container);
    }
    auto pairs = pairsOf(withList(sql::kAncestorsAmong, numberList(listOf(above_))), outside);
    if (!pairs) return propagate(pairs);
    std::map<Number, Numbers> known;
    for (const auto& [descendant, ancestor] : *pairs) known[descendant].insert(ancestor);
    for (const Number group : outside) known.try_emplace(group);

    Numbers changed;
    Pairs kept;
    for (const Number group : touched) {
      const Numbers& still = stillAbove(group, containers, known);
      if (still.size() == above_.size()) continue;
      changed.insert(group);
      for (const Number ancestor : still) kept.emplace_back(group, ancestor);
    }
    if (changed.empty()) return {};
    auto deleted =
        runOn(withList(sql::kDeleteAncestorsAmong, numberList(listOf(above_))), changed, {});
    if (!deleted) return deleted;
    return insert(sql::kInsertAncestors, kept);
  }

  /// Which of the groups above contain this one by the edges of today. `known` has those outside of
  /// what is touched, and takes in what is found.
  const Numbers& stillAbove(Number group, const Links& containers,
                            std::map<Number, Numbers>& known) {
    if (const auto found = known.find(group); found != known.end()) return found->second;
    Numbers above;
    if (const auto of_group = containers.find(group); of_group != containers.end()) {
      for (const Number container : of_group->second) {
        if (above_.contains(container)) above.insert(container);
        const Numbers& further = stillAbove(container, containers, known);
        above.insert(further.begin(), further.end());
      }
    }
    return known.emplace(group, std::move(above)).first->second;
  }

  Result<void> add(const Numbers& added) {
    auto touched = withBelow(added);
    if (!touched) return propagate(touched);
    if (touched->contains(group_)) {
      return refuse(ErrorKind::kInvalidValue,
                    "a group cannot contain itself, not even through other groups");
    }
    if (touched->size() * above_.size() > kMostPairs) return tooMuch();
    if (auto checked = checkLevels(added, *touched); !checked) return checked;
    Pairs edges;
    for (const Number member : added) edges.emplace_back(group_, member);
    if (auto inserted = insert(sql::kInsertEdges, edges); !inserted) return inserted;
    Pairs pairs;
    pairs.reserve(touched->size() * above_.size());
    for (const Number descendant : *touched) {
      for (const Number ancestor : above_) pairs.emplace_back(descendant, ancestor);
    }
    return insert(sql::kInsertAncestors, pairs);
  }

  /// Refuses more than kMostLevels groups in a row.
  Result<void> checkLevels(const Numbers& added, const Numbers& touched) {
    auto upwards = pairsOf(sql::kEdgesTo, above_);
    if (!upwards) return propagate(upwards);
    auto downwards = pairsOf(sql::kEdgesFrom, touched);
    if (!downwards) return propagate(downwards);
    Links containers;
    for (const auto& [container, member] : *upwards) containers[member].push_back(container);
    Links members;
    for (const auto& [container, member] : *downwards) members[container].push_back(member);
    LongestWay way_down(members);
    std::size_t levels = 0;
    for (const Number member : added) levels = std::max(levels, way_down.from(member));
    levels += LongestWay(containers).from(group_);
    if (levels <= kMostLevels) return {};
    return refuse(ErrorKind::kInvalidValue, "groups would be in groups over " +
                                                std::to_string(levels) + " levels; there can be " +
                                                std::to_string(kMostLevels));
  }

  Session& session_;
  const std::string& schema_;
  Number group_;
  Numbers above_;    ///< the group and all that contain it
  Numbers members_;  ///< those in it of the groups concerned
};

}  // namespace

Result<NestingChanged> changeNesting(Session& session, const std::string& schema,
                                     std::uint64_t group, const NestingChange& change) {
  return Nesting(session, schema, group).run(change);
}

}  // namespace vestibule::store
