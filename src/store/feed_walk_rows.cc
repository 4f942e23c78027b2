#include "store/feed_walk_rows.h"

#include <array>
#include <utility>

#include "json/parse.h"
#include "store/event_statements.h"
#include "store/result_rows.h"
#include "store/session.h"
#include "store/statement_text.h"

namespace vestibule::store {
namespace {

constexpr std::array<std::string_view, kFeedTables> kPages{sql::kFeedUsers, sql::kFeedGroups,
                                                           sql::kFeedResources};
/// What a row of no resource and no domain has there.
constexpr std::string_view kNoResource("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);

/// Goes to the next table, or to the first of the next domain.
void goOn(FeedWalk& walk) {
  walk.row = 0;
  if (++walk.table < kFeedTables) return;
  walk.table = 0;
  auto& domains = walk.domains.added.empty() ? walk.domains.removed : walk.domains.added;
  domains.erase(domains.begin());
}

/// The external id as JSON_EXTRACT gives it.
std::optional<std::string> externalId(const std::optional<std::string>& text) {
  auto value = text ? json::parse(*text) : json::parse("null");
  if (!value || !value->isString() || value->string()->size() > kMostExternalIdBytes) {
    return std::nullopt;
  }
  return std::move(*value->string());
}

}  // namespace

Result<WalkedPage> walkFeed(Session& session, const std::string& control_schema, FeedWalk walk,
                            const OutboxEvent& row, const FindDomain& domains) {
  WalkedPage page;
  const auto next = [&]() -> const DomainTables* {
    while (!walk.domains.empty()) {
      const bool adds = !walk.domains.added.empty();
      const auto* tables = domains((adds ? walk.domains.added : walk.domains.removed).front());
      if (tables != nullptr) return tables;
      walk.table = kFeedTables;
      goOn(walk);
    }
    return nullptr;
  };
  const DomainTables* const tables = next();
  if (tables == nullptr) return page;
  const bool adds = !walk.domains.added.empty();
  StatementBatch batch;
  batch.add(eventText(sql::kEventStreamExists, control_schema), {std::uint64_t{walk.stream}});
  batch.add(forSchemas(kPages.at(walk.table), tables->schema), {walk.row, kResourcesAtOnce});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  if (results->at(0).rows.empty()) return page;
  for (auto& found : results->at(1).rows) {
    walk.row = unsignedAt(found, 0);
    auto& event = page.events.emplace_back(row);
    event.kinds = bitOf(adds ? ChangeKind::kFeedAdd : ChangeKind::kFeedRemove);
    event.domain = tables->number;
    event.resource = idAt(found, 1);
    event.external_id = externalId(found[2]);
    event.attributes = "[]";
  }
  if (results->at(1).rows.size() < kResourcesAtOnce) goOn(walk);
  if (!walk.domains.empty()) page.rest = walkText(walk);
  return page;
}

FeedWalkRow::FeedWalkRow(const FeedChange& change, EventStreamNumber stream,
                         const AuditEvent& event)
    : event_(event), wanted_(!change.empty()), text_(walkText({stream, 0, change})) {}

void FeedWalkRow::addOfNewTo(StatementBatch& batch, const std::string& control_schema) const {
  if (!wanted_) return;
  batch.add(eventText(sql::kBeginWalkOfNew, control_schema),
            {static_cast<std::int64_t>(event_.occurred), Blob{kNoResource}, std::string_view(text_),
             std::string_view(event_.correlation_id)});
}

void FeedWalkRow::addIfChangedTo(StatementBatch& batch, const std::string& control_schema) const {
  if (!wanted_) return;
  batch.add(eventText(sql::kBeginWalkIfChanged, control_schema),
            {static_cast<std::int64_t>(event_.occurred), Blob{kNoResource}, std::string_view(text_),
             std::string_view(event_.correlation_id)});
}

}  // namespace vestibule::store
