#include "store/search.h"

#include <algorithm>
#include <limits>

#include "store/candidate_filter.h"
#include "store/filter_sql.h"
#include "store/nested_terms.h"
#include "store/result_rows.h"
#include "store/statement_batch.h"
#include "store/user_lookup.h"

namespace vestibule::store {
namespace {

/// Documents of so many bytes are held at once: one may have a megabyte.
constexpr std::size_t kBytesPerScan = 16 << 20;

/// How a clause of one term is looked up by a reused statement, where one exists for it.
std::optional<UserCriterion> criterionOf(const FilterPlan& plan) {
  if (plan.clauses.size() != 1 || plan.clauses.front().size() != 1) return std::nullopt;
  const IndexTerm& term = plan.clauses.front().front();
  if (isRange(term)) return std::nullopt;
  switch (term.column) {
    case IndexTerm::Column::kId:
      return UserCriterion{FoundBy::kId, term.key, 0};
    case IndexTerm::Column::kName:
      return UserCriterion{FoundBy::kUserName, term.key, 0};
    case IndexTerm::Column::kExternalId:
      return UserCriterion{FoundBy::kExternalId, term.key, 0};
    case IndexTerm::Column::kAttribute:
      return UserCriterion{FoundBy::kAttribute, term.key, term.attribute};
    case IndexTerm::Column::kRelated:
    case IndexTerm::Column::kNestedMember:
    case IndexTerm::Column::kCreated:
    case IndexTerm::Column::kModified:
      return std::nullopt;
  }
  return std::nullopt;
}

bool bySeq(const NumberedUser& left, const NumberedUser& right) { return left.seq < right.seq; }

/// One search of one domain.
class Search {
 public:
  Search(Session& session, const DomainTables& domain, const SearchRequest& request,
         FilterPlan plan)
      : session_(session), domain_(domain), request_(request), plan_(std::move(plan)) {
    if (plan_.rest) filter_.emplace(session, domain, request, *std::move(plan_.rest));
  }

  Result<SearchPage> run() {
    if (plan_.nothing) return std::move(page_);
    auto marked = markNested(session_, domain_, request_.kind, plan_);
    if (!marked) return propagate(marked);
    auto looked_up = lookUp();
    if (!looked_up) return propagate(looked_up);
    if (!*looked_up) {
      auto done = filter_ ? scan() : readPage();
      if (!done) return propagate(done);
    }
    return finish();
  }

 private:
  Candidates candidates(std::uint64_t after) const {
    return {request_.kind, &domain_.schema, &plan_.clauses, after};
  }

  Result<std::vector<StatementResult>> ask(const BuiltStatement& statement,
                                           std::size_t most_bytes = SIZE_MAX) {
    StatementBatch batch;
    batch.add(statement.sql, statement.parameters()).atMost(most_bytes);
    return batch.run(session_);
  }

  static std::vector<NumberedUser> usersOf(StatementResult& result) {
    std::vector<NumberedUser> found;
    found.reserve(result.rows.size());
    for (auto& row : result.rows) {
      auto& resource = found.emplace_back();
      resource.seq = unsignedAt(row, 0);
      resource.user.resource = takeResource(row, 1);
    }
    std::sort(found.begin(), found.end(), bySeq);
    return found;
  }

  Result<std::vector<NumberedUser>> read(std::uint64_t after, std::uint64_t skip,
                                         std::uint64_t count) {
    auto results = ask(selectCandidates(candidates(after), skip, count));
    if (!results) return propagate(results);
    return usersOf(results->front());
  }

  /// Some of the candidates to be scanned.
  struct Piece {
    std::vector<NumberedUser> users;
    bool last = false;
  };

  /// The next at most `most` candidates, fewer when they are large. `rows_at_once_` becomes what is
  /// worth asking for the next time.
  Result<Piece> readPiece(std::uint64_t after, std::uint64_t most) {
    const auto count = std::min(most, rows_at_once_);
    auto results = ask(selectCandidates(candidates(after), 0, count), kBytesPerScan);
    if (!results) return propagate(results);
    auto& result = results->front();
    Piece piece{usersOf(result), !result.cut && result.rows.size() < count};
    rows_at_once_ = result.cut ? piece.users.size() : std::min(2 * rows_at_once_, most_at_once_);
    return piece;
  }

  /// True when the candidates are so few users that one reused statement reads them all, with their
  /// groups: the way of `userName eq` and its like. False when it has to be done otherwise.
  Result<bool> lookUp() {
    const auto criterion = criterionOf(plan_);
    if (!criterion || request_.kind != ResourceKind::kUser) return false;
    const bool with_groups = request_.with_groups || (filter_ && filter_->needsGroups());
    auto users = lookUpUsers(session_, domain_.schema, *criterion, with_groups, kJoinedRows - 1);
    if (!users) return propagate(users);
    if (!*users) return false;
    has_groups_ = with_groups;
    std::sort((*users)->begin(), (*users)->end(), bySeq);
    if (auto taken = takeMatching(**users); !taken) return propagate(taken);
    return true;
  }

  /// No rest: the page and the total come from the index.
  Result<void> readPage() {
    bool whole = request_.count > 0;
    if (request_.count > 0) {
      auto found = read(request_.after, request_.skip, request_.count);
      if (!found) return propagate(found);
      // A page that is not full ends the list, unless it begins behind it.
      whole = found->size() < request_.count && (!found->empty() || request_.skip == 0) &&
              request_.after == 0;
      if (whole) page_.total = request_.skip + found->size();
      users_ = *std::move(found);
    }
    if (whole || !request_.with_total) return {};
    auto counted = ask(countCandidates(candidates(0)));
    if (!counted) return propagate(counted);
    page_.total = unsignedAt(counted->front().rows.front(), 0);
    return {};
  }

  /// Reads candidates in pieces and evaluates the rest on each.
  Result<void> scan() {
    const std::uint64_t limit = request_.scan_limit;
    most_at_once_ = rows_at_once_ = candidatesAtOnce(plan_.clauses);
    // Without the total, the scan may begin at the cursor and end with the page.
    std::uint64_t after = request_.with_total ? 0 : request_.after;
    const bool whole = request_.with_total;
    if (whole && plan_.clauses.empty()) {
      if (auto few = refuseIfMany(); !few) return few;
    }
    for (std::uint64_t rows = 0;;) {
      const bool first = rows == 0;
      auto piece = readPiece(after, limit - rows + 1);
      if (!piece) return propagate(piece);
      auto& found = piece->users;
      rows += found.size();
      const bool beyond = rows > limit;
      if (beyond && whole) return scanLimitPassed(limit);
      if (beyond) found.pop_back();
      if (!found.empty()) after = found.back().seq;
      if (filter_->needsGroups()) {
        if (auto filled = fillGroups(session_, domain_.schema, found); !filled) return filled;
      }
      if (auto taken = takeMatching(found); !taken) return taken;
      if (piece->last || (!whole && users_.size() == request_.count)) break;
      if (beyond) return scanLimitPassed(limit);
      if (whole && first && !plan_.clauses.empty()) {
        if (auto few = refuseIfMany(); !few) return few;
      }
    }
    has_groups_ = filter_->needsGroups();
    return {};
  }

  /// A scan that must fail fails before it has read and parsed thousands of documents.
  Result<void> refuseIfMany() {
    auto probed = ask(probeCandidates(candidates(0), request_.scan_limit));
    if (!probed) return propagate(probed);
    if (!probed->front().rows.empty()) return scanLimitPassed(request_.scan_limit);
    return {};
  }

  /// Counts those of the candidates that match and keeps those that are on the page.
  Result<void> takeMatching(std::vector<NumberedUser>& found) {
    std::vector<bool> matches(found.size(), true);
    if (filter_) {
      auto matched = filter_->match(found);
      if (!matched) return propagate(matched);
      matches = *std::move(matched);
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (!matches[i]) continue;
      ++page_.total;
      if (found[i].seq <= request_.after) continue;
      if (++passed_ <= request_.skip) continue;
      if (users_.size() < request_.count) users_.push_back(std::move(found[i]));
    }
    return {};
  }

  Result<SearchPage> finish() {
    if (!request_.with_total) page_.total = 0;
    if (request_.kind == ResourceKind::kUser && request_.with_groups && !has_groups_) {
      if (auto filled = fillGroups(session_, domain_.schema, users_); !filled) {
        return propagate(filled);
      }
    }
    page_.resources.reserve(users_.size());
    for (auto& user : users_) {
      if (!request_.with_groups) user.user.groups.clear();
      page_.rows.push_back(user.seq);
      page_.resources.push_back(std::move(user.user));
    }
    return std::move(page_);
  }

  Session& session_;
  const DomainTables& domain_;
  const SearchRequest& request_;
  FilterPlan plan_;
  std::optional<CandidateFilter> filter_;
  std::vector<NumberedUser> users_;
  std::uint64_t passed_ = 0;
  std::uint64_t most_at_once_ = 0;
  std::uint64_t rows_at_once_ = 0;
  bool has_groups_ = false;
  SearchPage page_;
};

}  // namespace

Result<SearchPage> search(Session& session, const DomainTables& domain,
                          const SearchRequest& request) {
  FilterPlan plan;
  if (request.filter != nullptr) {
    plan = planFilter({request.type, request.kind, domain.number, request.naming_prefix},
                      *request.filter);
  }
  return Search(session, domain, request, std::move(plan)).run();
}

bool isCountedByIndex(const DomainTables& domain, const SearchRequest& request) {
  return request.filter == nullptr ||
         !planFilter({request.type, request.kind, domain.number, request.naming_prefix},
                     *request.filter)
              .rest;
}

}  // namespace vestibule::store
