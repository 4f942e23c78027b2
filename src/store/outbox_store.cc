#include "store/outbox_store.h"

#include <algorithm>

#include "store/event_statements.h"
#include "store/result_rows.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

/// Deliveries in one statement.
constexpr std::size_t kPerStatement = 200;

OutboxEvent takeEvent(ResultRow& row) {
  OutboxEvent event;
  event.occurred = signedAt(row, 1);
  event.kinds = static_cast<ChangeKinds>(unsignedAt(row, 2));
  event.domain = DomainNumber(static_cast<std::uint16_t>(unsignedAt(row, 3)));
  event.resource = idAt(row, 4);
  if (row[5]) event.version = Version(unsignedAt(row, 5));
  event.external_id = std::move(row[6]);
  event.attributes = row[7] ? takeText(row, 7) : std::string("[]");
  event.correlation_id = takeText(row, 8);
  return event;
}

void addParameters(std::vector<Parameter>& parameters, const NewDelivery& delivery) {
  const OutboxEvent& event = *delivery.event;
  const auto& external_id = event.external_id;
  parameters.insert(parameters.end(),
                    {std::uint64_t{delivery.stream}, Blob{delivery.event_id}, Blob{delivery.txn},
                     std::int64_t{event.occurred}, std::uint64_t{delivery.kinds},
                     std::uint64_t{event.domain.value()}, Blob{event.resource.bytes()},
                     event.version ? Parameter(event.version->value()) : Parameter(nullptr),
                     external_id ? Parameter(std::string_view(*external_id)) : Parameter(nullptr),
                     std::string_view(event.attributes), std::string_view(event.correlation_id)});
}

void addDeliveries(StatementBatch& batch, const std::string& control_schema,
                   const std::vector<NewDelivery>& deliveries) {
  for (std::size_t from = 0; from < deliveries.size(); from += kPerStatement) {
    std::string text(sql::kInsertDeliveries);
    std::vector<Parameter> parameters;
    const auto end = std::min(from + kPerStatement, deliveries.size());
    for (std::size_t i = from; i < end; ++i) {
      if (i > from) text += ", ";
      text += sql::kDelivery;
      addParameters(parameters, deliveries[i]);
    }
    batch.add(eventText(text, control_schema), parameters);
  }
}

}  // namespace

Result<FannedOut> fanOut(Session& session, const std::string& control_schema,
                         std::uint64_t revision, std::uint64_t limit, const FanOut& plan) {
  StatementBatch batch;
  auto any = batch.add(eventText(sql::kOutboxHasRows, control_schema)).run(session);
  if (!any) return propagate(any);
  if (any->front().rows.empty()) return FannedOut::kNothing;
  batch.begin();
  batch.add(eventText(sql::kTakeEventTurn, control_schema));
  batch.add(eventText(sql::kOutboxRows, control_schema), {limit});
  batch.add(eventText(sql::kRevisionOfRows, control_schema));
  auto results = batch.run(session);
  if (!results) return propagate(results);
  const auto stop = [&](FannedOut outcome) {
    rollback(session);
    return outcome;
  };
  auto& rows = results->at(2).rows;
  if (results->at(1).rows.empty()) return stop(FannedOut::kBusy);
  if (rows.empty()) return stop(FannedOut::kNothing);
  if (unsignedAt(results->at(3).rows.at(0), 0) != revision) return stop(FannedOut::kStale);
  const auto numbers = numbersOf(rows);
  std::vector<OutboxEvent> events;
  events.reserve(rows.size());
  for (auto& row : rows) events.push_back(takeEvent(row));
  const auto deliveries = plan(events);
  addDeliveries(batch, control_schema, deliveries);
  batch.add(withList(eventText(sql::kDeleteOutbox, control_schema), numberList(numbers)));
  auto stored = batch.commit().run(session);
  if (!stored) return propagate(stored);
  return FannedOut::kSome;
}

}  // namespace vestibule::store
