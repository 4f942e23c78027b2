#pragma once
// The SQL of outbound provisioning: one of the parts of statement_text.h. Private to store/.
//
// Times that servers compare (`due`) are the database's, so that servers whose clocks differ agree
// on when a lease ends. A row that has failed for good is due never.

#include <string>
#include <string_view>
#include <vector>

#include "store/statement_text.h"

namespace vestibule::store {

/// The text with the schemas, the database's time, and for `{pending}`, `{again}` what they stand
/// for.
[[nodiscard]] std::string outboundText(std::string_view sql, std::string_view control,
                                       std::string_view domain = {});

/// Every statement below.
[[nodiscard]] std::vector<StatementText> outboundStatements();

/// Stands in the place of a resource where every resource of a target has to be looked at.
inline constexpr std::string_view kEverything{"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16};

namespace sql {

/// Behind the statements of a change, in its transaction.
inline constexpr std::string_view kMarkOutbound =
    "INSERT INTO {control}.outbound_pending {pending} VALUES (?, ?, 1, 1, {now}, 0, {now}) {again}";
/// The same behind a statement that may have changed nothing; then it marks nothing.
inline constexpr std::string_view kMarkOutboundIfChanged =
    "INSERT INTO {control}.outbound_pending {pending} SELECT ?, ?, 1, 1, {now}, 0, {now} FROM DUAL "
    "WHERE ROW_COUNT() <> 0 {again}";
/// Begins some seconds later: until then other servers may make changes that they do not mark,
/// because they have not heard of the target yet.
inline constexpr std::string_view kMarkResync =
    "INSERT INTO {control}.outbound_pending {pending} VALUES (?, ?, 1, 1, {now} + 2000000, 0, "
    "{now}) ON DUPLICATE KEY UPDATE generation = generation + 1, attempts = 0, due = IF(state = 2, "
    "due, {now} + 2000000), state = IF(state = 2, 2, 1)";
inline constexpr std::string_view kMarkNewTarget =
    "INSERT INTO {control}.outbound_pending {pending} VALUES (LAST_INSERT_ID(), ?, 1, 1, {now} + "
    "2000000, 0, {now})";
inline constexpr std::string_view kUsersFrom =
    "SELECT seq FROM {domain}.users FORCE INDEX (PRIMARY) WHERE seq > ? ORDER BY seq LIMIT ?";
inline constexpr std::string_view kMarkUsers =
    "INSERT INTO {control}.outbound_pending {pending} SELECT ?, id, 1, 1, {now}, 0, {now} FROM "
    "{domain}.users WHERE seq > ? AND seq <= ? {again}";
inline constexpr std::string_view kGroupsFrom =
    "SELECT seq FROM {domain}.user_groups FORCE INDEX (PRIMARY) WHERE seq > ? ORDER BY seq LIMIT ?";
inline constexpr std::string_view kMarkGroups =
    "INSERT INTO {control}.outbound_pending {pending} SELECT ?, id, 1, 1, {now}, 0, {now} FROM "
    "{domain}.user_groups WHERE seq > ? AND seq <= ? {again}";
/// What has been sent and may be there no more.
inline constexpr std::string_view kLinksFrom =
    "SELECT resource_id FROM {control}.outbound_links FORCE INDEX (PRIMARY) WHERE target = ? AND "
    "resource_id > ? ORDER BY resource_id LIMIT ?";
inline constexpr std::string_view kMarkLinks =
    "INSERT INTO {control}.outbound_pending {pending} SELECT target, resource_id, 1, 1, {now}, 0, "
    "{now} FROM {control}.outbound_links WHERE target = ? AND resource_id > ? AND resource_id <= ? "
    "{again}";

inline constexpr std::string_view kClaimableOutbound =
    "SELECT resource_id FROM {control}.outbound_pending FORCE INDEX (outbound_due) WHERE target = "
    "? AND due <= {now} ORDER BY due LIMIT ? FOR UPDATE SKIP LOCKED";
inline constexpr std::string_view kClaimOutbound =
    "UPDATE {control}.outbound_pending SET state = 2, due = {now} + ?, lease = ?, attempts = "
    "attempts + 1 WHERE target = ? AND resource_id IN (...)";
inline constexpr std::string_view kClaimedOutbound =
    "SELECT p.resource_id, p.generation, p.attempts, l.remote_id, l.state, l.digest, l.attributes "
    "FROM {control}.outbound_pending p LEFT JOIN {control}.outbound_links l ON l.target = p.target "
    "AND l.resource_id = p.resource_id WHERE p.target = ? AND p.resource_id IN (...)";
/// Due at once where it was marked again meanwhile. Else it changes what does not matter, so that
/// it meets the row as long as the lease holds.
inline constexpr std::string_view kLookAgain =
    "UPDATE {control}.outbound_pending SET state = IF(generation = ?, 2, 1), due = IF(generation = "
    "?, due + 1, {now}), attempts = IF(generation = ?, attempts, 0), lease = IF(generation = ?, "
    "lease, NULL) WHERE target = ? AND resource_id = ? AND lease = ?";
/// Done, unless kLookAgain gave it back.
inline constexpr std::string_view kFinishOutbound =
    "DELETE FROM {control}.outbound_pending WHERE target = ? AND resource_id = ? AND lease = ? AND "
    "generation = ?";
/// Behind a statement that met nothing because the lease was lost: somebody looks again. Whoever
/// has it leased loses it as well, since what both sent may have come in either order; it is due
/// when that lease ends, so that no third is at it at the same time.
inline constexpr std::string_view kMarkLost =
    "INSERT INTO {control}.outbound_pending {pending} SELECT number, ?, 1, 1, {now}, 0, {now} FROM "
    "{control}.outbound_targets WHERE number = ? AND ROW_COUNT() = 0 {again}, lease = NULL";
/// Behind kMarkLost: what the target has is not known any more, so that it is sent in any case.
inline constexpr std::string_view kSendAnew =
    "UPDATE {control}.outbound_links SET state = 1, digest = REPEAT(CHAR(0), 32) WHERE target = ? "
    "AND resource_id = ? AND ROW_COUNT() <> 0";
inline constexpr std::string_view kPostponeOutbound =
    "UPDATE {control}.outbound_pending SET state = 1, due = {now} + IF(generation = ?, ?, 0), "
    "lease = NULL, status = ?, detail = ? WHERE target = ? AND resource_id = ? AND lease = ?";
inline constexpr std::string_view kFailOutbound =
    "UPDATE {control}.outbound_pending SET state = IF(generation = ?, 3, 1), due = IF(state = 3, "
    "9223372036854775807, {now}), lease = NULL, status = ?, detail = ? WHERE target = ? AND "
    "resource_id = ? AND lease = ?";
/// Meets no row where the lease was lost.
inline constexpr std::string_view kExtendOutbound =
    "UPDATE {control}.outbound_pending SET due = {now} + ? WHERE target = ? AND resource_id = ? "
    "AND lease = ?";
/// Given back without having been tried. What never was keeps its place in front of all that was.
inline constexpr std::string_view kReleaseOutbound =
    "UPDATE {control}.outbound_pending SET state = 1, due = IF(attempts > 1, {now}, created), "
    "lease = NULL, attempts = attempts - 1 WHERE target = ? AND lease = ? AND resource_id IN "
    "(...)";

inline constexpr std::string_view kDeleteLink =
    "DELETE FROM {control}.outbound_links WHERE target = ? AND resource_id = ?";
inline constexpr std::string_view kInsertLink =
    "INSERT INTO {control}.outbound_links (target, resource_id, kind, remote_id, state, digest, "
    "attributes, sent) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
inline constexpr std::string_view kDeleteMembersOfUser =
    "DELETE FROM {control}.outbound_members WHERE target = ? AND user_id = ?";
inline constexpr std::string_view kDeleteMembersOfGroup =
    "DELETE FROM {control}.outbound_members WHERE target = ? AND group_id = ?";
inline constexpr std::string_view kOutboundGroupsOfUser =
    "SELECT group_id FROM {control}.outbound_members WHERE target = ? AND user_id = ?";

/// Members that the target knows and has not been told to add.
inline constexpr std::string_view kMembersToAdd =
    "SELECT u.id, l.remote_id FROM {domain}.user_groups g JOIN {domain}.memberships m ON "
    "m.group_seq = g.seq JOIN {domain}.users u ON u.seq = m.user_seq JOIN {control}.outbound_links "
    "l ON l.target = ? AND l.resource_id = u.id AND l.state = 1 LEFT JOIN "
    "{control}.outbound_members s ON s.target = l.target AND s.group_id = g.id AND s.user_id = "
    "u.id WHERE g.id = ? AND s.user_id IS NULL LIMIT ?";
/// Members that the target has and that are none any more, or not for this target.
inline constexpr std::string_view kMembersToRemove =
    "SELECT s.user_id, s.remote_id FROM {control}.outbound_members s LEFT JOIN "
    "{domain}.user_groups g ON g.id = s.group_id LEFT JOIN {domain}.users u ON u.id = s.user_id "
    "LEFT JOIN {domain}.memberships m ON m.group_seq = g.seq AND m.user_seq = u.seq LEFT JOIN "
    "{control}.outbound_links l ON l.target = s.target AND l.resource_id = s.user_id AND l.state = "
    "1 WHERE s.target = ? AND s.group_id = ? AND (m.group_seq IS NULL OR l.resource_id IS NULL) "
    "LIMIT ?";
/// Rows follow: target, group, user and remote id.
inline constexpr std::string_view kInsertSentMembers =
    "INSERT IGNORE INTO {control}.outbound_members (target, group_id, user_id, remote_id) VALUES ";
inline constexpr std::string_view kDeleteSentMembers =
    "DELETE FROM {control}.outbound_members WHERE target = ? AND group_id = ? AND user_id IN (...)";

/// Members that the target has not got of a group, if it takes the members of one of that name.
inline constexpr std::string_view kMarkJoiners =
    "INSERT INTO {control}.outbound_pending {pending} SELECT STRAIGHT_JOIN ?, u.id, 1, 1, {now}, "
    "0, {now} FROM "
    "{domain}.user_groups g JOIN {domain}.memberships m ON m.group_seq = g.seq JOIN {domain}.users "
    "u ON u.seq = m.user_seq LEFT JOIN {control}.outbound_links l ON l.target = ? AND "
    "l.resource_id = u.id AND l.state = 1 WHERE g.id = ? AND g.display_name_key IN (...) AND "
    "l.resource_id IS NULL {again}";
/// Users that the target has got and that are in none of the groups whose members it takes.
inline constexpr std::string_view kMarkLeavers =
    "INSERT INTO {control}.outbound_pending {pending} SELECT l.target, l.resource_id, 1, 1, {now}, "
    "0, {now} FROM {control}.outbound_links l JOIN {domain}.users u ON u.id = l.resource_id WHERE "
    "l.target = ? AND l.kind = 1 AND l.state = 1 AND (SELECT STRAIGHT_JOIN COUNT(*) FROM "
    "{domain}.memberships m FORCE INDEX (membership_user) JOIN {domain}.user_groups g ON g.seq = "
    "m.group_seq WHERE m.user_seq = u.seq AND "
    "g.display_name_key IN (...)) = 0 {again}";

inline constexpr std::string_view kOutboundStatus =
    "SELECT state, due - {now}, attempts, status, detail, created FROM {control}.outbound_pending "
    "WHERE target = ? AND resource_id = ?";
inline constexpr std::string_view kOutboundLink =
    "SELECT remote_id, state, sent, digest FROM {control}.outbound_links WHERE target = ? AND "
    "resource_id "
    "= ?";
inline constexpr std::string_view kFailedOutbound =
    "SELECT resource_id, attempts, status, detail, created FROM {control}.outbound_pending FORCE "
    "INDEX (outbound_state) WHERE target = ? AND state = 3 AND resource_id > ? ORDER BY "
    "resource_id LIMIT ?";
inline constexpr std::string_view kRetryOutbound =
    "UPDATE {control}.outbound_pending SET state = 1, due = {now}, attempts = 0 WHERE target = ? "
    "AND resource_id = ? AND state <> 2";
inline constexpr std::string_view kRetryAllOutbound =
    "UPDATE {control}.outbound_pending FORCE INDEX (PRIMARY) SET state = 1, due = {now}, attempts "
    "= "
    "0 WHERE target = ? AND state = 3";
inline constexpr std::string_view kPendingOfResource =
    "SELECT target, state, status, detail FROM {control}.outbound_pending WHERE resource_id = ? "
    "AND target IN (...)";
inline constexpr std::string_view kCountOutbound =
    "SELECT target, state, COUNT(*), GREATEST(0, {now} - MIN(created)) FROM "
    "{control}.outbound_pending FORCE INDEX (outbound_state) WHERE state IN (1, 2, 3) GROUP BY "
    "state, target";
inline constexpr std::string_view kCountLinks =
    "SELECT kind, SUM(state = 1), SUM(state = 2) FROM {control}.outbound_links FORCE INDEX "
    "(outbound_link_remote) WHERE target = ? GROUP BY kind";

inline constexpr std::string_view kForgetPending =
    "DELETE FROM {control}.outbound_pending WHERE target = ? LIMIT ?";
inline constexpr std::string_view kForgetLinks =
    "DELETE FROM {control}.outbound_links WHERE target = ? LIMIT ?";
inline constexpr std::string_view kForgetMembers =
    "DELETE FROM {control}.outbound_members WHERE target = ? LIMIT ?";

}  // namespace sql
}  // namespace vestibule::store
