#include "store/outbox_store.h"

#include <algorithm>
#include <utility>

#include "base/crypto.h"
#include "store/change_text.h"
#include "store/event_statements.h"
#include "store/feed_walk_rows.h"
#include "store/result_rows.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

/// Deliveries in one statement.
constexpr std::size_t kPerStatement = 100;
/// What deliveries of many members may add up to before they are sent: with what the last statement
/// adds it is far below what servers take at once.
constexpr std::size_t kMostBytesSent = std::size_t{1024} * 1024;
/// What is read of the outbox at once, but for its first row.
constexpr std::size_t kMostBytes = std::size_t{8} * 1024 * 1024;
constexpr std::size_t kTxnBytes = 16;
constexpr std::size_t kEventIdBytes = 16;

/// Of the request, the moment and the resource: the rows that one change leaves have it in common,
/// and no column is needed.
std::string txnOf(const OutboxEvent& event) {
  std::string text = "txn " + event.correlation_id + ' ' + std::to_string(event.occurred) + ' ';
  text += event.resource.bytes();
  return sha256(text).substr(0, kTxnBytes);
}

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
  event.txn = txnOf(event);
  return event;
}

/// Adds the row for what is left of a walk, as that which began it.
void addRest(StatementBatch& batch, const std::string& control_schema, const OutboxEvent& row,
             const std::string& rest) {
  batch.add(
      eventText(sql::kInsertOutbox, control_schema),
      {std::int64_t{row.occurred}, std::uint64_t{0}, std::uint64_t{0}, Blob{row.resource.bytes()},
       nullptr, nullptr, std::string_view(rest), std::string_view(row.correlation_id)});
}

/// Adds the changes that the row tells of.
void addChanges(std::vector<OutboxEvent>& changes, OutboxEvent row) {
  if (row.kinds != 0) {
    changes.push_back(std::move(row));
    return;
  }
  auto touched = readTouchedGroups(row.attributes);
  if (!touched) return;
  MembersTold members;
  (touched->joined ? members.added : members.removed).push_back(row.resource);
  OutboxEvent change = std::move(row);
  change.kinds = bitOf(ChangeKind::kPatch);
  change.attributes = changeText({{"members"}, std::move(members)});
  for (auto& group : touched->groups) {
    change.resource = group.id;
    change.version = group.version;
    change.external_id = std::move(group.external_id);
    changes.push_back(change);
  }
}

/// What one transaction deals with.
struct Turn {
  std::vector<std::uint64_t> rows;
  std::vector<OutboxEvent> changes;  ///< of a walk: its row alone
  std::optional<FeedWalk> walk;
};

/// As many of the rows as make kChangesAtOnce changes, or a walk that is the first of them. Walks
/// that begin behind `now` are passed over.
Turn takeTurn(std::vector<ResultRow>& rows, std::int64_t now) {
  Turn turn;
  for (auto& row : rows) {
    if (turn.changes.size() >= kChangesAtOnce) break;
    const auto number = unsignedAt(row, 0);
    auto event = takeEvent(row);
    turn.walk = event.kinds == 0 ? readWalk(event.attributes) : std::nullopt;
    if (turn.walk && turn.walk->begins > now) {
      turn.walk.reset();
      continue;
    }
    if (turn.walk && !turn.rows.empty()) {
      turn.walk.reset();
      break;
    }
    turn.rows.push_back(number);
    if (turn.walk) {
      turn.changes.push_back(std::move(event));
      break;
    }
    addChanges(turn.changes, std::move(event));
  }
  return turn;
}

void addParameters(std::vector<Parameter>& parameters, const NewDelivery& delivery) {
  const OutboxEvent& event = *delivery.event;
  const auto& external_id = event.external_id;
  parameters.insert(parameters.end(),
                    {std::uint64_t{delivery.stream}, Blob{delivery.event_id}, Blob{event.txn},
                     std::int64_t{event.occurred}, std::uint64_t{delivery.kinds},
                     std::uint64_t{event.domain.value()}, Blob{event.resource.bytes()},
                     event.version ? Parameter(event.version->value()) : Parameter(nullptr),
                     external_id ? Parameter(std::string_view(*external_id)) : Parameter(nullptr),
                     std::string_view(event.attributes), std::string_view(event.correlation_id)});
}

/// Stores them in the transaction that is open, in as many round trips as they are long; those that
/// are left in the batch go with its next.
Result<void> addDeliveries(Session& session, StatementBatch& batch,
                           const std::string& control_schema,
                           const std::vector<NewDelivery>& deliveries) {
  std::size_t bytes = 0;
  for (std::size_t from = 0; from < deliveries.size(); from += kPerStatement) {
    std::string text(sql::kInsertDeliveries);
    std::vector<Parameter> parameters;
    const auto end = std::min(from + kPerStatement, deliveries.size());
    for (std::size_t i = from; i < end; ++i) {
      if (i > from) text += ", ";
      text += sql::kDelivery;
      addParameters(parameters, deliveries[i]);
      bytes += deliveries[i].event->attributes.size();
    }
    batch.add(eventText(text, control_schema), parameters);
    if (bytes < kMostBytesSent) continue;
    if (auto sent = batch.run(session); !sent) return propagate(sent);
    bytes = 0;
  }
  return {};
}

}  // namespace

Result<FannedOut> fanOut(Session& session, const std::string& control_schema,
                         std::uint64_t revision, std::uint64_t limit, const FanOut& plan,
                         const FindDomain& domains) {
  StatementBatch batch;
  auto any = batch.add(eventText(sql::kOutboxHasRows, control_schema)).run(session);
  if (!any) return propagate(any);
  if (any->front().rows.empty()) return FannedOut::kNothing;
  batch.begin();
  batch.add(eventText(sql::kTakeEventTurn, control_schema));
  batch.add(eventText(sql::kOutboxRows, control_schema), {limit});
  batch.add(eventText(sql::kRevisionOfRows, control_schema));
  auto results = batch.atMost(kMostBytes).run(session);
  if (!results) return propagate(results);
  const auto stop = [&](FannedOut outcome) {
    rollback(session);
    return outcome;
  };
  auto& rows = results->at(2).rows;
  if (results->at(1).rows.empty()) return stop(FannedOut::kBusy);
  if (rows.empty()) return stop(FannedOut::kNothing);
  const auto& state = results->at(3).rows.at(0);
  if (unsignedAt(state, 0) != revision) return stop(FannedOut::kStale);
  auto turn = takeTurn(rows, signedAt(state, 1));
  if (turn.rows.empty()) return stop(FannedOut::kNothing);
  std::vector<NewDelivery> deliveries;
  WalkedPage page;
  if (turn.walk) {
    auto walked = walkFeed(session, control_schema, *turn.walk, turn.changes.front(), domains);
    if (!walked) return propagate(walked);
    page = *std::move(walked);
    for (const auto& told : page.events) {
      deliveries.push_back({turn.walk->stream, randomBytes(kEventIdBytes), &told, told.kinds});
    }
    if (page.rest) addRest(batch, control_schema, turn.changes.front(), *page.rest);
  } else {
    deliveries = plan(turn.changes);
  }
  auto added = addDeliveries(session, batch, control_schema, deliveries);
  if (!added) return propagate(added);
  batch.add(withList(eventText(sql::kDeleteOutbox, control_schema), numberList(turn.rows)));
  auto stored = batch.commit().run(session);
  if (!stored) return propagate(stored);
  return FannedOut::kSome;
}

}  // namespace vestibule::store
