#pragma once
// The SQL of the outbox and of deliveries to event streams: one of the parts of statement_text.h.
// Private to store/.
//
// `due` is the database's time, so that servers whose clocks differ agree on when a lease ends.

#include <string>
#include <string_view>
#include <vector>

#include "store/statement_text.h"

namespace vestibule::store {

/// The text with the control schema and the database's time, and for `{delivery}` the beginning of
/// what takeDelivery reads.
[[nodiscard]] std::string eventText(std::string_view sql, std::string_view control);

/// The whole of one of the statements kOutboxOf….
[[nodiscard]] std::string touchedGroupsText(std::string_view statement, std::string_view domain,
                                            std::string_view control);

/// Every statement below.
[[nodiscard]] std::vector<StatementText> eventStatements();

namespace sql {

// The outbox.
inline constexpr std::string_view kInsertOutbox =
    "INSERT INTO {control}.event_outbox (occurred, kinds, domain_number, resource_id, version, "
    "external_id, attributes, correlation_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
/// Behind kInsertAuditEventIfChanged, whose rows ROW_COUNT() counts.
inline constexpr std::string_view kInsertOutboxIfChanged =
    "INSERT INTO {control}.event_outbox (occurred, kinds, domain_number, resource_id, version, "
    "external_id, attributes, correlation_id) SELECT IF(ROW_COUNT() < 0, NULL, ?), ?, ?, ?, ?, ?, "
    "?, ? FROM DUAL WHERE ROW_COUNT() <> 0";
/// Of groups whose versions have been raised since they gain or lose a member: `joined` or `left`,
/// and the groups that it is true of. `kinds` 0 says that the row is not about its resource alone.
/// What is too long for GROUP_CONCAT fails, by the sql_mode, and is never cut.
inline constexpr std::string_view kOutboxOfGroups =
    "INSERT INTO {control}.event_outbox (occurred, kinds, domain_number, resource_id, "
    "correlation_id, attributes) SELECT ?, 0, ?, ?, ?, CONCAT('{\"{move}\":[', "
    "GROUP_CONCAT(CONCAT('[\"', HEX(g.id), '\",', g.version, ',', "
    "IF(OCTET_LENGTH(JSON_EXTRACT(g.document, '$.externalId')) <= 1002, JSON_EXTRACT(g.document, "
    "'$.externalId'), 'null'), ']')), ']}') FROM {domain}.user_groups g FORCE INDEX (PRIMARY) "
    "WHERE "
    "g.seq IN (...){condition} HAVING COUNT(*) > 0";
/// All of them have the member, who is new.
inline constexpr std::string_view kOutboxOfNewMember = "joined";
/// All of them had the member, a group that goes.
inline constexpr std::string_view kOutboxOfContainers = "left";
inline constexpr std::string_view kOutboxOfMember =
    "left AND EXISTS (SELECT 1 FROM {domain}.memberships m WHERE m.group_seq = g.seq AND "
    "m.user_seq = ?)";
inline constexpr std::string_view kOutboxOfNonMember =
    "joined AND NOT EXISTS (SELECT 1 FROM {domain}.memberships m WHERE m.group_seq = g.seq AND "
    "m.user_seq = ?)";
inline constexpr std::string_view kOutboxOfUngranted =
    "left AND EXISTS (SELECT 1 FROM {domain}.memberships m WHERE m.group_seq = g.seq AND "
    "m.user_seq = ? AND m.by_scim = 0 AND NOT EXISTS (SELECT 1 FROM {domain}.idp_grants o WHERE "
    "o.group_seq = m.group_seq AND o.user_seq = m.user_seq))";
inline constexpr std::string_view kOutboxHasRows =
    "SELECT 1 FROM {control}.event_outbox WHERE seq > 0 ORDER BY seq LIMIT 1";
/// Behind the INSERT of a stream, whose number goes into the text. A walk begins some seconds
/// later: until then other servers may make resources that they do not announce to the stream,
/// because they have not heard of it yet.
inline constexpr std::string_view kBeginWalkOfNew =
    "INSERT INTO {control}.event_outbox (occurred, kinds, domain_number, resource_id, attributes, "
    "correlation_id) VALUES (?, 0, 0, ?, REPLACE(REPLACE(?, '\"stream\":0', CONCAT('\"stream\":', "
    "LAST_INSERT_ID())), '\"begins\":0', CONCAT('\"begins\":', {now} + 2000000)), ?)";
/// Behind kInsertAuditEventIfChanged, as kInsertOutboxIfChanged.
inline constexpr std::string_view kBeginWalkIfChanged =
    "INSERT INTO {control}.event_outbox (occurred, kinds, domain_number, resource_id, attributes, "
    "correlation_id) SELECT IF(ROW_COUNT() < 0, NULL, ?), 0, 0, ?, REPLACE(?, '\"begins\":0', "
    "CONCAT('\"begins\":', {now} + 2000000)), ? FROM DUAL WHERE ROW_COUNT() <> 0";
inline constexpr std::string_view kEventStreamExists =
    "SELECT 1 FROM {control}.event_streams WHERE number = ?";
/// Pages of what is in a domain.
inline constexpr std::string_view kFeedUsers =
    "SELECT seq, id, JSON_EXTRACT(document, '$.externalId') FROM {domain}.users FORCE INDEX "
    "(PRIMARY) WHERE seq > ? ORDER BY seq LIMIT ?";
inline constexpr std::string_view kFeedGroups =
    "SELECT seq, id, JSON_EXTRACT(document, '$.externalId') FROM {domain}.user_groups FORCE INDEX "
    "(PRIMARY) WHERE seq > ? ORDER BY seq LIMIT ?";
inline constexpr std::string_view kFeedResources =
    "SELECT seq, id, JSON_EXTRACT(document, '$.externalId') FROM {domain}.resources FORCE INDEX "
    "(resource_seq) WHERE seq > ? ORDER BY seq LIMIT ?";
/// One at a time fans out, so that rows of one resource stay in the order of its changes.
inline constexpr std::string_view kTakeEventTurn =
    "SELECT singleton FROM {control}.event_turn WHERE singleton = 1 FOR UPDATE SKIP LOCKED";
inline constexpr std::string_view kOutboxRows =
    "SELECT seq, occurred, kinds, domain_number, resource_id, version, external_id, attributes, "
    "correlation_id FROM {control}.event_outbox WHERE seq > 0 ORDER BY seq LIMIT ?";
/// Read behind the rows: whoever wrote them knew no newer revision.
inline constexpr std::string_view kRevisionOfRows =
    "SELECT revision, {now} FROM {control}.control_state WHERE singleton = 1";
inline constexpr std::string_view kDeleteOutbox =
    "DELETE FROM {control}.event_outbox WHERE seq IN (...)";
/// Followed by kDelivery, comma-separated.
inline constexpr std::string_view kInsertDeliveries =
    "INSERT INTO {control}.event_deliveries (stream_number, event_id, txn, state, attempts, "
    "occurred, kinds, domain_number, resource_id, version, external_id, attributes, "
    "correlation_id) VALUES ";
inline constexpr std::string_view kDelivery = "(?, ?, ?, 1, 0, ?, ?, ?, ?, ?, ?, ?, ?)";

// Deliveries. Whether a stream has one is asked with a LIMIT: of an EXISTS the database would make
// a list of all streams first.
inline constexpr std::string_view kClaimableStream =
    "SELECT p.stream_number, p.failures FROM {control}.event_stream_progress p FORCE INDEX "
    "(event_stream_due) WHERE p.due <= {now} AND p.stream_number IN (...) AND (SELECT d.seq "
    "FROM {control}.event_deliveries d FORCE INDEX (event_delivery_turn) WHERE d.stream_number = "
    "p.stream_number AND d.state = 1 LIMIT 1) IS NOT NULL ORDER BY p.due LIMIT 1 FOR UPDATE SKIP "
    "LOCKED";
inline constexpr std::string_view kLeaseStream =
    "UPDATE {control}.event_stream_progress SET lease = ?, due = {now} + ? WHERE stream_number = ?";
inline constexpr std::string_view kNextDeliveries =
    "{delivery}FORCE INDEX (event_delivery_turn) WHERE stream_number = ? AND state = 1 ORDER BY "
    "seq LIMIT ?";
/// Behind the end of a delivery by whoever has the lease, which goes on.
inline constexpr std::string_view kStreamDelivered =
    "UPDATE {control}.event_stream_progress SET failures = 0, last_success = ?, due = {now} + ? "
    "WHERE stream_number = ? AND lease = ?";
inline constexpr std::string_view kStreamRefused =
    "UPDATE {control}.event_stream_progress SET failures = 0, last_failure = ?, last_error = ?, "
    "due = {now} + ? WHERE stream_number = ? AND lease = ?";
/// The lease ends: the stream waits.
inline constexpr std::string_view kStreamFailed =
    "UPDATE {control}.event_stream_progress SET failures = failures + 1, last_failure = ?, "
    "last_error = ?, due = {now} + ?, lease = NULL WHERE stream_number = ? AND lease = ?";
inline constexpr std::string_view kReleaseStream =
    "UPDATE {control}.event_stream_progress SET due = {now}, lease = NULL WHERE stream_number = ? "
    "AND lease = ?";
inline constexpr std::string_view kStreamAcknowledged =
    "UPDATE {control}.event_stream_progress SET last_success = ? WHERE stream_number = ?";
inline constexpr std::string_view kStreamComplained =
    "UPDATE {control}.event_stream_progress SET last_failure = ?, last_error = ? WHERE "
    "stream_number = ?";
inline constexpr std::string_view kDueNow =
    "UPDATE {control}.event_stream_progress SET due = {now} WHERE stream_number = ? AND lease IS "
    "NULL";
inline constexpr std::string_view kDeleteDelivery =
    "DELETE FROM {control}.event_deliveries WHERE seq = ?";
inline constexpr std::string_view kFailDelivery =
    "UPDATE {control}.event_deliveries SET attempts = attempts + ?, code = ?, detail = ? WHERE seq "
    "= ? AND state = 1";
inline constexpr std::string_view kBuryDelivery =
    "UPDATE {control}.event_deliveries SET state = 2, attempts = attempts + 1, code = ?, detail = "
    "? WHERE seq = ? AND state = 1";
inline constexpr std::string_view kAcknowledge =
    "DELETE FROM {control}.event_deliveries WHERE stream_number = ? AND state = 1 AND event_id IN "
    "(...)";
inline constexpr std::string_view kComplain =
    "UPDATE {control}.event_deliveries SET state = 2, attempts = attempts + 1, code = ?, detail = "
    "? WHERE stream_number = ? AND event_id = ? AND state = 1";
inline constexpr std::string_view kStreamsWithWaiting =
    "SELECT p.stream_number FROM {control}.event_stream_progress p WHERE p.stream_number IN (...) "
    "AND (SELECT d.seq FROM {control}.event_deliveries d FORCE INDEX (event_delivery_turn) WHERE "
    "d.stream_number = p.stream_number AND d.state = 1 LIMIT 1) IS NOT NULL";

// What operators ask and do.
inline constexpr std::string_view kStreamProgress =
    "SELECT stream_number, failures, last_success, last_failure, last_error, dropped, GREATEST(0, "
    "due - {now}) FROM {control}.event_stream_progress WHERE stream_number IN (...)";
inline constexpr std::string_view kCountDeliveries =
    "SELECT stream_number, state, COUNT(*) FROM {control}.event_deliveries FORCE INDEX "
    "(event_delivery_turn) WHERE stream_number IN (...) GROUP BY stream_number, state";
inline constexpr std::string_view kDeadDeliveries =
    "{delivery}FORCE INDEX (event_delivery_turn) WHERE stream_number = ? AND state = 2 AND seq > ? "
    "ORDER BY seq LIMIT ?";
inline constexpr std::string_view kRedeliver =
    "UPDATE {control}.event_deliveries SET state = 1, attempts = 0, code = NULL, detail = NULL "
    "WHERE stream_number = ? AND state = 2 AND event_id = ?";
inline constexpr std::string_view kRedeliverAll =
    "UPDATE {control}.event_deliveries FORCE INDEX (event_delivery_turn) SET state = 1, attempts = "
    "0, code = NULL, detail = NULL WHERE stream_number = ? AND state = 2 LIMIT ?";
inline constexpr std::string_view kDropDelivery =
    "DELETE FROM {control}.event_deliveries WHERE stream_number = ? AND state = 2 AND event_id = ?";
inline constexpr std::string_view kDropStream =
    "DELETE FROM {control}.event_deliveries WHERE stream_number = ? LIMIT ?";

// Retention.
inline constexpr std::string_view kOldDeliveries =
    "SELECT seq, stream_number FROM {control}.event_deliveries FORCE INDEX (event_delivery_time) "
    "WHERE occurred < ? ORDER BY occurred LIMIT ? FOR UPDATE SKIP LOCKED";
inline constexpr std::string_view kDeleteDeliveries =
    "DELETE FROM {control}.event_deliveries WHERE seq IN (...)";
inline constexpr std::string_view kCountDropped =
    "UPDATE {control}.event_stream_progress SET dropped = dropped + ? WHERE stream_number = ?";

}  // namespace sql
}  // namespace vestibule::store
