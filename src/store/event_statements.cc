#include "store/event_statements.h"

#include <algorithm>

namespace vestibule::store {
namespace {

constexpr std::string_view kDeliveryColumns =
    "SELECT seq, stream_number, event_id, txn, state, attempts, occurred, kinds, domain_number, "
    "resource_id, version, external_id, attributes, correlation_id, code, detail FROM "
    "{control}.event_deliveries ";

}  // namespace

std::string eventText(std::string_view sql, std::string_view control) {
  constexpr std::string_view kMark = "{delivery}";
  std::string text(sql);
  if (const auto at = text.find(kMark); at != std::string::npos) {
    text.replace(at, kMark.size(), kDeliveryColumns);
  }
  return forSchemas(text, {}, control);
}

std::string touchedGroupsText(std::string_view statement, std::string_view domain,
                              std::string_view control) {
  const auto space = std::min(statement.find(' '), statement.size());
  std::string text(sql::kOutboxOfGroups);
  const auto put = [&](std::string_view mark, std::string_view value) {
    text.replace(text.find(mark), mark.size(), value);
  };
  put("{move}", statement.substr(0, space));
  put("{condition}", statement.substr(space));
  return forSchemas(text, domain, control);
}

std::vector<StatementText> eventStatements() {
  std::vector<StatementText> all;
  const auto add = [&](std::string name, std::string_view sql) {
    all.push_back({std::move(name), eventText(sql, "{control}")});
  };
  add("insertOutbox", sql::kInsertOutbox);
  add("insertOutboxIfChanged", sql::kInsertOutboxIfChanged);
  const auto add_groups = [&](std::string name, std::string_view statement) {
    all.push_back({std::move(name), touchedGroupsText(statement, "{domain}", "{control}")});
  };
  add_groups("outboxOfNewMember", sql::kOutboxOfNewMember);
  add_groups("outboxOfContainers", sql::kOutboxOfContainers);
  add_groups("outboxOfMember", sql::kOutboxOfMember);
  add_groups("outboxOfNonMember", sql::kOutboxOfNonMember);
  add_groups("outboxOfUngranted", sql::kOutboxOfUngranted);
  add("beginWalkIfChanged", sql::kBeginWalkIfChanged);
  add("outboxHasRows", sql::kOutboxHasRows);
  add("eventStreamExists", sql::kEventStreamExists);
  const auto add_page = [&](std::string name, std::string_view sql) {
    all.push_back({std::move(name), forSchemas(sql, "{domain}", "{control}")});
  };
  add_page("feedUsers", sql::kFeedUsers);
  add_page("feedGroups", sql::kFeedGroups);
  add_page("feedResources", sql::kFeedResources);
  add("takeEventTurn", sql::kTakeEventTurn);
  add("outboxRows", sql::kOutboxRows);
  add("revisionOfRows", sql::kRevisionOfRows);
  add("deleteOutbox", sql::kDeleteOutbox);
  add("insertDeliveries", std::string(sql::kInsertDeliveries).append(sql::kDelivery));
  add("claimableStream", sql::kClaimableStream);
  add("leaseStream", sql::kLeaseStream);
  add("nextDeliveries", sql::kNextDeliveries);
  add("streamDelivered", sql::kStreamDelivered);
  add("streamRefused", sql::kStreamRefused);
  add("streamFailed", sql::kStreamFailed);
  add("releaseStream", sql::kReleaseStream);
  add("streamAcknowledged", sql::kStreamAcknowledged);
  add("streamComplained", sql::kStreamComplained);
  add("dueNow", sql::kDueNow);
  add("deleteDelivery", sql::kDeleteDelivery);
  add("failDelivery", sql::kFailDelivery);
  add("buryDelivery", sql::kBuryDelivery);
  add("acknowledge", sql::kAcknowledge);
  add("complain", sql::kComplain);
  add("streamsWithWaiting", sql::kStreamsWithWaiting);
  add("streamProgress", sql::kStreamProgress);
  add("countDeliveries", sql::kCountDeliveries);
  add("deadDeliveries", sql::kDeadDeliveries);
  add("redeliver", sql::kRedeliver);
  add("redeliverAll", sql::kRedeliverAll);
  add("dropDelivery", sql::kDropDelivery);
  add("dropStream", sql::kDropStream);
  add("oldDeliveries", sql::kOldDeliveries);
  add("deleteDeliveries", sql::kDeleteDeliveries);
  add("countDropped", sql::kCountDropped);
  return all;
}

}  // namespace vestibule::store
