#include "store/feed_walk.h"

#include <algorithm>
#include <array>
#include <utility>

#include "json/parse.h"
#include "json/write.h"
#include "store/audit_event.h"
#include "store/event_statements.h"
#include "store/result_rows.h"
#include "store/session.h"
#include "store/statement_text.h"

namespace vestibule::store {
namespace {

constexpr std::array<std::string_view, 3> kPages{sql::kFeedUsers, sql::kFeedGroups,
                                                 sql::kFeedResources};
/// What a row of no resource and no domain has there.
constexpr std::string_view kNoResource("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);

json::Array numbersOf(const std::vector<DomainNumber>& domains) {
  json::Array numbers;
  for (const auto domain : domains) numbers.emplace_back(unsigned{domain.value()});
  return numbers;
}

std::uint64_t numberAt(const json::Object& object, std::string_view key) {
  const auto* value = object.find(key);
  const auto* number = value == nullptr ? nullptr : value->number();
  const auto read = number == nullptr ? std::nullopt : number->asInt64();
  return read && *read > 0 ? static_cast<std::uint64_t>(*read) : 0;
}

std::vector<DomainNumber> domainsAt(const json::Object& object, std::string_view key) {
  std::vector<DomainNumber> domains;
  const auto* list = object.find(key);
  if (list == nullptr || list->array() == nullptr) return domains;
  for (const json::Value& entry : *list->array()) {
    const auto number = entry.number() == nullptr ? std::nullopt : entry.number()->asInt64();
    if (number && *number > 0 && *number <= UINT16_MAX) {
      domains.emplace_back(static_cast<std::uint16_t>(*number));
    }
  }
  return domains;
}

/// Goes to the next table, or to the first of the next domain.
void goOn(FeedWalk& walk) {
  walk.row = 0;
  if (++walk.table < kPages.size()) return;
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

std::string walkText(const FeedWalk& walk) {
  // The stream comes first: of a new one the number is put in there.
  return json::write(
      json::Object{{"feed", json::Object{{"stream", unsigned{walk.stream}},
                                         {"added", numbersOf(walk.domains.added)},
                                         {"removed", numbersOf(walk.domains.removed)},
                                         {"table", static_cast<std::int64_t>(walk.table)},
                                         {"row", static_cast<std::int64_t>(walk.row)}}}});
}

std::optional<FeedWalk> readWalk(std::string_view text) {
  const auto stored = json::parse(text);
  if (!stored || !stored->isObject()) return std::nullopt;
  const auto* feed = stored->find("feed");
  if (feed == nullptr || !feed->isObject()) return std::nullopt;
  const json::Object& object = *feed->object();
  FeedWalk walk;
  walk.stream = static_cast<EventStreamNumber>(numberAt(object, "stream"));
  walk.domains = {domainsAt(object, "added"), domainsAt(object, "removed")};
  walk.table = std::min<std::uint64_t>(numberAt(object, "table"), kPages.size() - 1);
  walk.row = numberAt(object, "row");
  return walk;
}

Result<WalkedPage> walkFeed(Session& session, const std::string& control_schema, FeedWalk walk,
                            const OutboxEvent& row, const FindDomain& domains) {
  WalkedPage page;
  const auto next = [&]() -> const DomainTables* {
    while (!walk.domains.empty()) {
      const bool adds = !walk.domains.added.empty();
      const auto* tables = domains((adds ? walk.domains.added : walk.domains.removed).front());
      if (tables != nullptr) return tables;
      walk.table = kPages.size();
      goOn(walk);
    }
    return nullptr;
  };
  const DomainTables* const tables = next();
  if (tables == nullptr) return page;
  const bool adds = !walk.domains.added.empty();
  StatementBatch batch;
  batch.add(eventText(sql::kEventStreamExists, control_schema), {std::uint64_t{walk.stream}});
  batch.add(forSchemas(kPages.at(walk.table), tables->schema),
            {walk.row, std::int64_t{row.occurred}, kResourcesAtOnce});
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
    : event_(event), wanted_(!change.empty()), text_(walkText({stream, change})) {}

void FeedWalkRow::addOfNewTo(StatementBatch& batch, const std::string& control_schema) const {
  if (!wanted_) return;
  batch.add(eventText(sql::kBeginWalkOfNew, control_schema),
            {static_cast<std::int64_t>(event_.occurred), Blob{kNoResource}, std::string_view(text_),
             std::string_view(event_.correlation_id)});
}

void FeedWalkRow::addIfChangedTo(StatementBatch& batch, const std::string& control_schema) const {
  if (!wanted_) return;
  batch.add(eventText(sql::kInsertOutboxIfChanged, control_schema),
            {static_cast<std::int64_t>(event_.occurred), std::uint64_t{0}, std::uint64_t{0},
             Blob{kNoResource}, nullptr, nullptr, std::string_view(text_),
             std::string_view(event_.correlation_id)});
}

}  // namespace vestibule::store
