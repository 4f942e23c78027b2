#include "store/ordered_search.h"

#include <algorithm>
#include <unordered_map>

#include "base/unicode.h"
#include "json/parse.h"
#include "scim/resource/render.h"
#include "scim/resource/validate.h"
#include "scim/schema/comparison_key.h"
#include "store/candidate_filter.h"
#include "store/filter_sql.h"
#include "store/nested_terms.h"
#include "store/resource_order.h"
#include "store/resource_table.h"
#include "store/result_rows.h"
#include "store/statement_batch.h"
#include "store/statement_text.h"
#include "store/user_lookup.h"

namespace vestibule::store {
namespace {

constexpr std::size_t kRowsPerRead = 1'000;

std::string_view rowsOf(ResourceKind kind) {
  switch (kind) {
    case ResourceKind::kUser:
      return sql::kUsersOfRows;
    case ResourceKind::kGroup:
      return sql::kGroupsOfRows;
  }
  return sql::kResourcesOfRows;
}

Result<std::vector<StatementResult>> ask(Session& session, const BuiltStatement& statement) {
  StatementBatch batch;
  batch.add(statement.sql, statement.parameters());
  return batch.run(session);
}

/// The value that a resource is sorted by: of several the primary one, else the first (RFC 7644
/// §3.4.2.3). Null when there is none.
const json::Value* sortValue(const scim::AttributeRef& by, const json::Object& resource) {
  scim::AttributeRef whole = by;
  whole.sub = nullptr;
  const json::Value* value = scim::valueAt(resource, whole);
  if (value != nullptr && value->isArray()) {
    const json::Array& elements = *value->array();
    if (elements.empty()) return nullptr;
    const auto primary = std::find_if(elements.begin(), elements.end(), [](const auto& element) {
      const json::Value* flag = element.find("primary");
      return flag != nullptr && flag->boolean() != nullptr && *flag->boolean();
    });
    value = primary != elements.end() ? &*primary : &elements.front();
  }
  if (value == nullptr || by.sub == nullptr) return value;
  return value->find(by.sub->name);
}

/// One ordered search of one domain.
class OrderedSearch {
 public:
  OrderedSearch(Session& session, const DomainTables& domain, const OrderedRequest& request)
      : session_(session), domain_(domain), request_(request), search_(request.search) {
    if (search_.filter != nullptr) {
      plan_ = planFilter({search_.type, search_.kind, domain.number, search_.naming_prefix},
                         *search_.filter);
    }
    order_ = indexOrderOf(*search_.type, search_.kind, request.by);
    if (request.by.attribute != nullptr && request.by.attribute == search_.type->naming_attribute &&
        request.by.sub == nullptr) {
      prefix_ = namingPrefixKey(*search_.type, search_.naming_prefix);
    }
  }

  Result<OrderedPage> run() {
    if (plan_.nothing) return std::move(page_);
    auto marked = markNested(session_, domain_, search_.kind, plan_);
    if (!marked) return propagate(marked);
    const bool all = plan_.clauses.empty() && !plan_.rest;
    auto done = all && order_ ? walk() : gather();
    if (!done) return propagate(done);
    return std::move(page_);
  }

 private:
  [[nodiscard]] bool isBehind(const Position& position) const {
    if (!request_.after) return true;
    return request_.descending ? position < *request_.after : *request_.after < position;
  }

  // -- Along an index ---------------------------------------------------------------------------

  Result<void> walk() {
    if (auto placed = place(); !placed) return {};  // nothing of this domain is behind the cursor
    const std::uint64_t wanted = search_.count;
    std::uint64_t skip = search_.skip;
    if (order_->nullable && request_.descending) {
      // Those without a value come first.
      if (auto read = walkPhase(true, skip); !read) return read;
      if (auto read = walkPhase(false, skip); !read) return read;
    } else {
      if (auto read = walkPhase(false, skip); !read) return read;
      if (order_->nullable) {
        if (auto read = walkPhase(true, skip); !read) return read;
      }
    }
    if (!search_.with_total) return {};
    const bool whole = !request_.after && page_.positions.size() < wanted &&
                       (search_.skip == 0 || !page_.positions.empty());
    if (whole) {
      page_.total = search_.skip + page_.positions.size();
      return {};
    }
    auto counted =
        ask(session_, countCandidates({search_.kind, &domain_.schema, &plan_.clauses, 0}));
    if (!counted) return propagate(counted);
    page_.total = unsignedAt(counted->front().rows.front(), 0);
    return {};
  }

  /// Brings the cursor into terms of this domain's columns: names are compared with the domain in
  /// front, and stored without. False when all of the domain stands before the cursor.
  bool place() {
    after_ = request_.after;
    if (!after_ || prefix_.empty()) return true;
    const int compared = after_->key.compare(0, prefix_.size(), prefix_);
    if (compared == 0) {
      after_->key.erase(0, prefix_.size());
      return true;
    }
    const bool before_all = (compared < 0) != request_.descending;
    after_.reset();
    return before_all;
  }

  IndexWalk walkOf(bool absent) const {
    IndexWalk walk;
    walk.kind = search_.kind;
    walk.schema = &domain_.schema;
    walk.order = *order_;
    walk.descending = request_.descending;
    walk.absent = absent;
    return walk;
  }

  /// Reads one of the two parts of the order: resources with a value, or those without. `skip` is
  /// what still has to be passed over.
  Result<void> walkPhase(bool absent, std::uint64_t& skip) {
    const std::uint64_t missing = search_.count - page_.positions.size();
    if (missing == 0) return {};
    IndexWalk walk = walkOf(absent);
    if (after_) {
      // The cursor stands in one of the parts: the one before it is done, the one behind is whole.
      if (after_->absent == absent) {
        walk.after = &*after_;
      } else if (absent == request_.descending) {
        return {};
      }
    }
    walk.skip = skip;
    walk.count = missing;
    auto results = ask(session_, walkIndex(walk));
    if (!results) return propagate(results);
    auto& rows = results->front().rows;
    if (skip > 0 && rows.size() < missing) {
      // The rest of the page stands in the other part.
      if (rows.empty()) {
        auto passed = sizeOf(absent);
        if (!passed) return propagate(passed);
        skip -= std::min(skip, *passed);
      } else {
        skip = 0;
      }
    } else {
      skip = 0;
    }
    for (auto& row : rows) {
      Position position;
      position.seq = unsignedAt(row, 0);
      position.absent = absent;
      if (!absent) {
        const auto second = row[2];
        position.key = prefix_ + positionKey(*order_, takeText(row, 1), second);
      }
      page_.positions.push_back(std::move(position));
    }
    return {};
  }

  /// How many resources are in one of the parts.
  Result<std::uint64_t> sizeOf(bool absent) {
    auto with_value = ask(session_, countWithValue(walkOf(false)));
    if (!with_value) return propagate(with_value);
    const auto present = unsignedAt(with_value->front().rows.front(), 0);
    if (!absent) return present;
    auto all = ask(session_, countCandidates({search_.kind, &domain_.schema, &plan_.clauses, 0}));
    if (!all) return propagate(all);
    const auto total = unsignedAt(all->front().rows.front(), 0);
    return total - std::min(total, present);
  }

  // -- In memory ----------------------------------------------------------------------------------

  Result<void> gather() {
    const std::uint64_t limit = search_.scan_limit;
    auto probed =
        ask(session_, probeCandidates({search_.kind, &domain_.schema, &plan_.clauses, 0}, limit));
    if (!probed) return propagate(probed);
    if (!probed->front().rows.empty()) return tooManyToSort();
    std::optional<CandidateFilter> filter;
    if (plan_.rest) filter.emplace(session_, domain_, search_, *plan_.rest);
    std::vector<Position> found;
    std::uint64_t after = 0;
    const auto at_once = candidatesAtOnce(plan_.clauses);
    for (std::uint64_t rows = 0;;) {
      auto piece = readPiece(after, at_once);
      if (!piece) return propagate(piece);
      const bool last = piece->size() < at_once;
      rows += piece->size();
      if (rows > limit) return tooManyToSort();
      if (!piece->empty()) after = piece->back().seq;
      if (auto kept = keepMatching(*piece, filter, found); !kept) return kept;
      if (last) break;
    }
    if (request_.descending) {
      std::sort(found.rbegin(), found.rend());
    } else {
      std::sort(found.begin(), found.end());
    }
    page_.total = search_.with_total ? found.size() : 0;
    std::uint64_t skip = search_.skip;
    for (auto& position : found) {
      if (page_.positions.size() == search_.count) break;
      if (!isBehind(position)) continue;
      if (skip > 0) {
        --skip;
        continue;
      }
      page_.positions.push_back(std::move(position));
    }
    return {};
  }

  Result<std::vector<NumberedUser>> readPiece(std::uint64_t after, std::uint64_t at_once) {
    auto results =
        ask(session_,
            selectCandidates({search_.kind, &domain_.schema, &plan_.clauses, after}, 0, at_once));
    if (!results) return propagate(results);
    std::vector<NumberedUser> piece;
    piece.reserve(results->front().rows.size());
    for (auto& row : results->front().rows) {
      auto& resource = piece.emplace_back();
      resource.seq = unsignedAt(row, 0);
      resource.user.resource = takeResource(row, 1);
    }
    return piece;
  }

  Result<void> keepMatching(std::vector<NumberedUser>& piece,
                            std::optional<CandidateFilter>& filter, std::vector<Position>& found) {
    std::vector<bool> matches(piece.size(), true);
    if (filter) {
      if (filter->needsGroups()) {
        if (auto filled = fillGroups(session_, domain_.schema, piece); !filled) return filled;
      }
      auto matched = filter->match(piece);
      if (!matched) return propagate(matched);
      matches = *std::move(matched);
    }
    for (std::size_t i = 0; i < piece.size(); ++i) {
      if (!matches[i]) continue;
      auto position = positionOf(piece[i]);
      if (!position) return propagate(position);
      found.push_back(*std::move(position));
    }
    return {};
  }

  Result<Position> positionOf(const NumberedUser& found) {
    Position position;
    position.seq = found.seq;
    position.absent = true;
    if (request_.by.attribute == nullptr) return position;
    const auto& stored = found.user.resource;
    // The same keys as those of an index, so that positions of several domains can be merged.
    if (order_ && order_->key == IndexOrder::Key::kInstant) {
      position.absent = false;
      position.key =
          scim::instantKey(order_->first == "created" ? stored.meta.created : stored.meta.modified);
      return position;
    }
    if (order_ && order_->first == "id") {
      position.absent = false;
      position.key = stored.meta.id.bytes();
      return position;
    }
    auto parsed = json::parse(stored.document);
    if (!parsed || !parsed->isObject()) {
      return internalFailure("a stored document is not a JSON object");
    }
    json::Object resource = std::move(*parsed->object());
    if (request_.by.schema == nullptr) {
      resource = scim::completeResource(*search_.type, std::move(resource), stored.meta,
                                        search_.base_url, {}, {});
    }
    const json::Value* value = sortValue(request_.by, resource);
    if (value == nullptr) return position;
    auto key = scim::comparisonKey(request_.by.target(), *value);
    if (!key) return position;
    position.absent = false;
    const bool as_in_index = order_ && order_->cut;
    position.key = prefix_ + (as_in_index ? scim::indexKey(*std::move(key))
                                          : scim::cursorKey(*std::move(key)));
    return position;
  }

  tl::unexpected<Error> tooManyToSort() const {
    const auto* naming = search_.type->naming_attribute;
    return failure(ErrorKind::kTooMany,
                   "more than " + std::to_string(search_.scan_limit) +
                       " resources would have to be sorted: narrow the filter, or leave it out and "
                       "sort by id, externalId, " +
                       (naming != nullptr ? naming->name + ", " : "") +
                       "meta.created or meta.lastModified");
  }

  Session& session_;
  const DomainTables& domain_;
  const OrderedRequest& request_;
  const SearchRequest& search_;
  FilterPlan plan_;
  std::optional<IndexOrder> order_;
  std::optional<Position> after_;
  std::string prefix_;
  OrderedPage page_;
};

}  // namespace

Result<OrderedPage> orderedSearch(Session& session, const DomainTables& domain,
                                  const OrderedRequest& request) {
  return OrderedSearch(session, domain, request).run();
}

Result<std::vector<std::optional<StoredUser>>> readResources(Session& session,
                                                             const DomainTables& domain,
                                                             ResourceKind kind,
                                                             const std::vector<std::uint64_t>& rows,
                                                             bool with_groups) {
  std::vector<NumberedUser> found;
  found.reserve(rows.size());
  const auto text = forSchemas(rowsOf(kind), domain.schema);
  std::vector<Parameter> parameters;
  if (tableOf(kind).shared) parameters.emplace_back(static_cast<std::uint64_t>(kind));
  for (std::size_t from = 0; from < rows.size(); from += kRowsPerRead) {
    StatementBatch batch;
    batch.add(withList(text, numberList(rows, from, kRowsPerRead)), parameters);
    auto results = batch.run(session);
    if (!results) return propagate(results);
    for (auto& row : results->front().rows) {
      auto& resource = found.emplace_back();
      resource.seq = unsignedAt(row, 0);
      resource.user.resource = takeResource(row, 1);
    }
  }
  if (with_groups && kind == ResourceKind::kUser) {
    if (auto filled = fillGroups(session, domain.schema, found); !filled) return propagate(filled);
  }
  std::unordered_map<std::uint64_t, StoredUser*> by_row;
  for (auto& resource : found) by_row.emplace(resource.seq, &resource.user);
  std::vector<std::optional<StoredUser>> resources(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto resource = by_row.find(rows[i]);
    if (resource != by_row.end()) resources[i] = std::move(*resource->second);
  }
  return resources;
}

}  // namespace vestibule::store
