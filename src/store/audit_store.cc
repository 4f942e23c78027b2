#include "store/audit_store.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "json/parse.h"
#include "store/audit_rows.h"
#include "store/result_rows.h"
#include "store/rows_removed.h"
#include "store/statement_text.h"

namespace vestibule::store {
namespace {

/// Rows that are looked at together.
constexpr std::uint64_t kWindow = 1'000;
/// Events whose columns are read together.
constexpr std::size_t kEventsRead = 200;

/// What is looked up, and by what.
struct Lookup {
  AuditKey key = AuditKey::kTime;
  std::string value;
};

Lookup lookupOf(const AuditQuery& query) {
  if (query.correlation_id) return {AuditKey::kCorrelation, *query.correlation_id};
  if (query.resource) return {AuditKey::kResource, std::string(query.resource->bytes())};
  if (query.subject) {
    return {AuditKey::kIdentity, identityKey(query.identity_provider, *query.subject)};
  }
  return {};
}

/// A row of kAuditWindow. The numbers of columns are those of its text.
struct WindowRow {
  AuditPosition position;
  bool meets = false;
};

WindowRow takeWindowRow(const ResultRow& row, const AuditQuery& query,
                        const std::string& identity_key) {
  WindowRow taken{{signedAt(row, 1), unsignedAt(row, 0)}, true};
  const auto same = [&](std::size_t column, std::string_view wanted) {
    return row[column] && *row[column] == wanted;
  };
  taken.meets = (query.action.empty() || same(2, query.action)) &&
                (query.identity_provider.empty() || same(3, query.identity_provider)) &&
                (!query.resource || same(4, query.resource->bytes())) &&
                (identity_key.empty() || same(5, identity_key));
  return taken;
}

/// True when not every row that the key finds is wanted.
bool isFiltered(const AuditQuery& query, const Lookup& lookup) {
  return !query.action.empty() || (lookup.key != AuditKey::kIdentity && query.subject) ||
         (lookup.key != AuditKey::kResource && query.resource) ||
         (lookup.key != AuditKey::kIdentity && !query.identity_provider.empty());
}

Result<std::vector<ResultRow>> readWindow(Session& session, const std::string& control_schema,
                                          const AuditQuery& query, const Lookup& lookup,
                                          std::uint64_t rows) {
  constexpr Timestamp kAnyTime = std::numeric_limits<Timestamp>::max();
  Timestamp last = kAnyTime;
  if (query.until) last = *query.until - 1;
  const auto after =
      query.after.value_or(AuditPosition{kAnyTime, std::numeric_limits<std::uint64_t>::max()});
  std::vector<Parameter> parameters;
  if (lookup.key == AuditKey::kCorrelation) {
    parameters.emplace_back(std::string_view(lookup.value));
  } else if (lookup.key != AuditKey::kTime) {
    parameters.emplace_back(Blob{lookup.value});
  }
  for (const Timestamp moment : {query.from, std::min(last, after.occurred), after.occurred}) {
    parameters.emplace_back(static_cast<std::int64_t>(moment));
  }
  parameters.emplace_back(after.seq);
  parameters.emplace_back(rows);
  StatementBatch batch;
  batch.add(forSchemas(auditWindow(lookup.key), {}, control_schema), parameters);
  auto results = batch.run(session);
  if (!results) return propagate(results);
  return std::move(results->front().rows);
}

std::vector<std::string> namesAt(const json::Value& changes, std::string_view key) {
  std::vector<std::string> names;
  const json::Value* list = changes.find(key);
  if (list == nullptr || list->array() == nullptr) return names;
  for (const auto& name : *list->array()) {
    if (name.isString()) names.push_back(*name.string());
  }
  return names;
}

std::string textAt(ResultRow& row, std::size_t column) {
  return row[column] ? std::move(*row[column]) : std::string();
}

/// A row of kAuditEventsOfRows, but for its number.
Result<AuditEvent> takeEvent(ResultRow& row) {
  AuditEvent event;
  event.occurred = signedAt(row, 1);
  event.correlation_id = takeText(row, 2);
  event.action = takeText(row, 3);
  event.actor_id = takeText(row, 4);
  event.actor_name = takeText(row, 5);
  event.identity_provider = textAt(row, 6);
  event.subject = Subject(textAt(row, 7));
  if (row[8]) {
    event.domain = AuditDomain{DomainNumber(static_cast<std::uint16_t>(unsignedAt(row, 8))),
                               DomainName(textAt(row, 9))};
  }
  if (row[10]) event.resource = idAt(row, 10);
  if (row[11]) event.version_before = Version(unsignedAt(row, 11));
  if (row[12]) event.version_after = Version(unsignedAt(row, 12));
  event.code = textAt(row, 13);
  if (row[14]) {
    auto changes = json::parse(*row[14]);
    if (!changes) return internalFailure("the changes of an audit event are not JSON");
    event.target = changes->stringAt("target").value_or("");
    event.attributes = namesAt(*changes, "attributes");
    event.granted = namesAt(*changes, "granted");
    event.revoked = namesAt(*changes, "revoked");
  }
  return event;
}

/// The events with these numbers, in their order. Those that are gone meanwhile are left out.
Result<std::vector<AuditEvent>> readEvents(Session& session, const std::string& control_schema,
                                           const std::vector<std::uint64_t>& numbers, bool traces) {
  std::vector<AuditEvent> events;
  for (std::size_t from = 0; from < numbers.size(); from += kEventsRead) {
    const std::string list = numberList(numbers, from, kEventsRead);
    StatementBatch batch;
    batch.add(withList(forSchemas(sql::kAuditEventsOfRows, {}, control_schema), list));
    if (traces) batch.add(withList(forSchemas(sql::kAuditTracesOfRows, {}, control_schema), list));
    auto results = batch.run(session);
    if (!results) return propagate(results);
    std::map<std::uint64_t, AuditEvent> read;
    for (auto& row : results->front().rows) {
      auto event = takeEvent(row);
      if (!event) return propagate(event);
      read.emplace(unsignedAt(row, 0), *std::move(event));
    }
    if (traces) {
      for (auto& row : results->back().rows) {
        const auto event = read.find(unsignedAt(row, 0));
        if (event != read.end()) event->second.trace = takeText(row, 1);
      }
    }
    const std::size_t end = std::min(numbers.size(), from + kEventsRead);
    for (std::size_t i = from; i < end; ++i) {
      const auto event = read.find(numbers[i]);
      if (event != read.end()) events.push_back(std::move(event->second));
    }
  }
  return events;
}

Result<std::uint64_t> removeBefore(Session& session, const std::string& control_schema,
                                   std::string_view statement, Timestamp moment) {
  StatementBatch batch;
  batch.add(forSchemas(statement, {}, control_schema),
            {static_cast<std::int64_t>(moment), kRowsRemovedAtOnce});
  auto removed = batch.repeatable().run(session);
  if (!removed) return propagate(removed);
  return removed->front().affected;
}

}  // namespace

Result<void> insertAuditEvent(Session& session, const std::string& control_schema,
                              const AuditEvent& event) {
  const AuditRow row(event);
  StatementBatch batch;
  batch.begin();
  row.addTo(batch, control_schema);
  auto stored = batch.commit().run(session);
  if (!stored) return propagate(stored);
  return {};
}

Result<AuditPage> findAuditEvents(Session& session, const std::string& control_schema,
                                  const AuditQuery& query) {
  const Lookup lookup = lookupOf(query);
  const std::string identity_key =
      query.subject ? identityKey(query.identity_provider, *query.subject) : std::string();
  const std::uint64_t window =
      isFiltered(query, lookup) ? kWindow : std::min(query.count + 1, kWindow);
  AuditPage page;
  AuditQuery rest = query;
  std::vector<std::uint64_t> numbers;
  std::uint64_t looked_at = 0;
  for (bool more = true; more;) {
    auto rows = readWindow(session, control_schema, rest, lookup, window);
    if (!rows) return propagate(rows);
    more = rows->size() == window;
    for (const auto& row : *rows) {
      const auto found = takeWindowRow(row, query, identity_key);
      // One more than fits tells that there is another page.
      if (found.meets && numbers.size() == query.count) {
        page.next = rest.after;
        more = false;
        break;
      }
      rest.after = found.position;
      if (found.meets) numbers.push_back(found.position.seq);
    }
    looked_at += rows->size();
    if (more && looked_at >= kAuditRowsOfPage) {
      page.next = rest.after;
      more = false;
    }
  }
  auto events = readEvents(session, control_schema, numbers, query.traces);
  if (!events) return propagate(events);
  page.events = *std::move(events);
  return page;
}

Result<std::uint64_t> removeAuditTraces(Session& session, const std::string& control_schema,
                                        Timestamp moment) {
  return removeBefore(session, control_schema, sql::kDeleteAuditTraces, moment);
}

Result<std::uint64_t> removeAuditEvents(Session& session, const std::string& control_schema,
                                        Timestamp moment) {
  return removeBefore(session, control_schema, sql::kDeleteAuditEvents, moment);
}

}  // namespace vestibule::store
