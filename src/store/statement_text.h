#pragma once
// The SQL of requests, all in one place, so that a test can have each statement explained. Private
// to store/.
//
// `{domain}` and `{control}` stand for quoted schema names, `{now}` for the database's time in
// microseconds since the Unix epoch, `:name` (SOCI) and `?` (elsewhere) for parameters, `(...)` for
// a list whose length is known when the statement runs. Locks are always
// taken in one order, which is why no two of our transactions can wait for each other in a circle:
// users, then the turn to nest groups, then groups by ascending row number, then memberships, then
// the counters of guard-rails; behind these come only rows that the locks before keep to the
// transaction, and the revision of group names. What a statement only reads it therefore must not
// lock by accident: DELETE and UPDATE of several tables would (also under READ COMMITTED), INSERT …
// SELECT and UPDATE with a sub-query do not.

#include <string>
#include <string_view>
#include <vector>

namespace vestibule::store {

/// How a user can be found by an index.
enum class FoundBy { kId, kUserName, kExternalId, kAttribute };

/// At most so many rows (a user times its groups, times the groups that contain these) come back
/// from userLookup with groups: whoever gets more reads the groups apart, so that a large document
/// is not sent once for each of a hundred groups.
inline constexpr unsigned kJoinedRows = 9;
/// Membership rows that one statement deletes at most: it must end before the session's read
/// time-out, whatever the group's size.
inline constexpr unsigned kDeletedRows = 10'000;

/// The statement that finds users; its parameters are the key, the index number with kAttribute,
/// and the most rows it may give. UserColumns reads its columns.
[[nodiscard]] std::string userLookup(FoundBy key, bool with_groups);

/// What audit events are found by: the keys of audit_events.
enum class AuditKey { kTime, kCorrelation, kResource, kIdentity };

/// The statement that reads what of audit events tells whether they are wanted, newest first; its
/// parameters are the key (none with kTime), the first and the last moment, the moment and the
/// number behind which it goes on, and the most rows.
[[nodiscard]] std::string auditWindow(AuditKey key);

/// The text with the schemas and the time put in.
[[nodiscard]] std::string forSchemas(std::string_view sql, std::string_view domain,
                                     std::string_view control = {});
/// The text with the list put in for `(...)`.
[[nodiscard]] std::string withList(std::string_view sql, std::string_view list);
/// `?,?,?`
[[nodiscard]] std::string placeholders(std::size_t count);

/// A statement and what it is called in tests.
struct StatementText {
  std::string name;
  std::string sql;
};
/// Every statement below and every look-up.
[[nodiscard]] std::vector<StatementText> requestStatements();

namespace sql {

// Users.
inline constexpr std::string_view kUserVersion = "SELECT version FROM {domain}.users WHERE id = ?";
inline constexpr std::string_view kUsersOfRows =
    "SELECT seq, id, version, created, modified, document FROM {domain}.users WHERE seq IN (...)";
/// The last column says whether other groups contain the group.
inline constexpr std::string_view kGroupsOfUsers =
    "SELECT m.user_seq, g.id, g.display_name, g.seq, EXISTS (SELECT 1 FROM "
    "{domain}.group_ancestors a WHERE a.descendant_seq = m.group_seq) "
    "FROM {domain}.memberships m JOIN {domain}.user_groups g ON g.seq = m.group_seq "
    "WHERE m.user_seq IN (...)";
inline constexpr std::string_view kAncestorsOfGroups =
    "SELECT a.descendant_seq, g.id, g.display_name FROM {domain}.group_ancestors a JOIN "
    "{domain}.user_groups g ON g.seq = a.ancestor_seq WHERE a.descendant_seq IN (...)";
inline constexpr std::string_view kInsertUser =
    "INSERT INTO {domain}.users (id, user_name_fold, user_name_case, external_id_key, version, "
    "created, modified, password_hash, "
    "document) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
/// Followed by kUserAttributeOfNewUser, comma-separated.
inline constexpr std::string_view kInsertUserAttributes =
    "INSERT INTO {domain}.user_attributes (attribute, value_key, user_seq) VALUES ";
inline constexpr std::string_view kUserAttributeOfNewUser = "(?, ?, LAST_INSERT_ID())";
inline constexpr std::string_view kUserAttributeOfUser = "(?, ?, ?)";
/// Behind the values for a user that exists: an entry left over from an older schema file is no
/// reason to fail.
inline constexpr std::string_view kKeepUserAttribute =
    " ON DUPLICATE KEY UPDATE user_seq = VALUES(user_seq)";
inline constexpr std::string_view kLockUser =
    "SELECT seq, id, version, created, modified, document, password_hash IS NOT NULL "
    "FROM {domain}.users WHERE id = ? FOR UPDATE";
inline constexpr std::string_view kGroupsOfUser =
    "SELECT g.id, g.display_name FROM {domain}.users u JOIN {domain}.memberships m ON m.user_seq = "
    "u.seq "
    "JOIN {domain}.user_groups g ON g.seq = m.group_seq WHERE u.id = ?";
/// Groups that contain groups of the user; one of them several times when it contains several.
inline constexpr std::string_view kIndirectGroupsOfUser =
    "SELECT g.id, g.display_name FROM {domain}.users u JOIN {domain}.memberships m ON m.user_seq = "
    "u.seq "
    "JOIN {domain}.group_ancestors a ON a.descendant_seq = m.group_seq "
    "JOIN {domain}.user_groups g ON g.seq = a.ancestor_seq WHERE u.id = ?";
inline constexpr std::string_view kUpdateUser =
    "UPDATE {domain}.users SET user_name_fold = ?, user_name_case = ?, external_id_key = ?, "
    "version = ?, modified = ?, document = ? "
    "WHERE seq = ?";
inline constexpr std::string_view kUpdateUserAndPassword =
    "UPDATE {domain}.users SET user_name_fold = ?, user_name_case = ?, external_id_key = ?, "
    "version = ?, modified = ?, document = ?, "
    "password_hash = ? WHERE seq = ?";
inline constexpr std::string_view kDeleteUserAttribute =
    "DELETE FROM {domain}.user_attributes WHERE attribute = ? AND value_key = ? AND user_seq = ?";
inline constexpr std::string_view kGroupNumbersOfUser =
    "SELECT group_seq FROM {domain}.memberships WHERE user_seq = ?";
inline constexpr std::string_view kDeleteIdentitiesOfUser =
    "DELETE FROM {control}.federated_identities WHERE user_id = ?";
inline constexpr std::string_view kDeleteUser = "DELETE FROM {domain}.users WHERE seq = ?";

// Groups.
inline constexpr std::string_view kFindGroup =
    "SELECT id, version, created, modified, document FROM {domain}.user_groups WHERE id = _binary "
    ":id";
inline constexpr std::string_view kGroupsOfRows =
    "SELECT seq, id, version, created, modified, document FROM {domain}.user_groups WHERE seq IN "
    "(...)";
inline constexpr std::string_view kGroupsByName =
    "SELECT g.seq, g.id, g.display_name, g.display_name_key, EXISTS (SELECT 1 FROM "
    "{domain}.group_ancestors a WHERE a.descendant_seq = g.seq) FROM {domain}.user_groups g WHERE "
    "g.display_name_key IN (...)";
inline constexpr std::string_view kGroupNamesRevision =
    "SELECT revision FROM {domain}.group_names WHERE one = 1";
/// The last statement of its transaction: all that name groups in a domain meet at this row, and
/// nobody waits for anything else while holding it.
inline constexpr std::string_view kRaiseGroupNames =
    "UPDATE {domain}.group_names SET revision = revision + 1 WHERE one = 1";
/// JSON_VALUE is the fast way to the name; MySQL's gives nothing for more than 512 characters, and
/// in a collation of its own. STRAIGHT_JOIN, since MySQL may otherwise begin with all users behind
/// the last one shown.
inline constexpr std::string_view kListMembers =
    "SELECT m.user_seq, u.id, COALESCE(JSON_VALUE(u.document, '$.userName') COLLATE utf8mb4_bin, "
    "JSON_UNQUOTE(JSON_EXTRACT(u.document, '$.userName')), '') "
    "FROM {domain}.user_groups g STRAIGHT_JOIN {domain}.memberships m ON m.group_seq = g.seq "
    "STRAIGHT_JOIN {domain}.users u ON u.seq = m.user_seq "
    "WHERE g.id = ? AND m.user_seq > ? ORDER BY m.user_seq LIMIT ?";
inline constexpr std::string_view kListNestedMembers =
    "SELECT n.member_seq, c.id, c.display_name FROM {domain}.user_groups g STRAIGHT_JOIN "
    "{domain}.group_nesting n ON n.group_seq = g.seq STRAIGHT_JOIN {domain}.user_groups c ON c.seq "
    "= n.member_seq WHERE g.id = ? AND n.member_seq > ? ORDER BY n.member_seq LIMIT ?";
inline constexpr std::string_view kMembersOfGroups =
    "SELECT m.group_seq, u.id, COALESCE(JSON_VALUE(u.document, '$.userName') COLLATE utf8mb4_bin, "
    "JSON_UNQUOTE(JSON_EXTRACT(u.document, '$.userName')), '') "
    "FROM {domain}.memberships m JOIN {domain}.users u ON u.seq = m.user_seq WHERE m.group_seq IN "
    "(...) LIMIT ?";
inline constexpr std::string_view kNestedMembersOfGroups =
    "SELECT n.group_seq, c.id, c.display_name FROM {domain}.group_nesting n JOIN "
    "{domain}.user_groups c ON c.seq = n.member_seq WHERE n.group_seq IN (...) LIMIT ?";
/// FORCE INDEX: on a small table the optimiser would read, and lock, all of it.
inline constexpr std::string_view kShareUsers =
    "SELECT seq, id FROM {domain}.users FORCE INDEX (user_id) WHERE id IN (...) LOCK IN SHARE MODE";
inline constexpr std::string_view kUserNumbers =
    "SELECT seq FROM {domain}.users FORCE INDEX (user_id) WHERE id IN (...)";
inline constexpr std::string_view kInsertGroup =
    "INSERT INTO {domain}.user_groups (id, display_name, display_name_key, external_id_key, "
    "version, created, modified, document) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
/// Followed by `(LAST_INSERT_ID(),user,1)`, comma-separated.
inline constexpr std::string_view kInsertFirstMembers =
    "INSERT INTO {domain}.memberships (group_seq, user_seq, by_scim) VALUES ";
inline constexpr std::string_view kLockGroup =
    "SELECT seq, id, version, created, modified, document FROM {domain}.user_groups WHERE id = ? "
    "FOR UPDATE";
/// Followed by `(group,user,1)`. IGNORE leaves members as they are; a missing user cannot hide
/// behind it, their rows are locked.
inline constexpr std::string_view kInsertMembers =
    "INSERT IGNORE INTO {domain}.memberships (group_seq, user_seq, by_scim) VALUES ";
inline constexpr std::string_view kClaimMembers =
    "UPDATE {domain}.memberships SET by_scim = 1 WHERE group_seq = ? AND user_seq IN (...) AND "
    "by_scim = 0";
inline constexpr std::string_view kDeleteMembers =
    "DELETE FROM {domain}.memberships WHERE group_seq = ? AND user_seq IN (...)";
/// Members between two row numbers but for a list: what a replaced list takes out, piece by piece.
/// kDeletedRows at most.
inline constexpr std::string_view kDeleteOtherMembers =
    "DELETE FROM {domain}.memberships WHERE group_seq = ? AND user_seq > ? AND user_seq <= ? AND "
    "user_seq NOT IN (...) LIMIT 10000";
inline constexpr std::string_view kDeleteAllMembers =
    "DELETE FROM {domain}.memberships WHERE group_seq = ? LIMIT 10000";
inline constexpr std::string_view kRaiseGroup =
    "UPDATE {domain}.user_groups SET version = version + 1, modified = ? WHERE seq = ?";
/// Behind one statement in the same batch: raises the version if that changed a row. ROW_COUNT() is
/// -1 when the server could not send the result of that statement because we are gone: it runs the
/// rest of the batch all the same, and this must not pass for "changed nothing". NULL, which the
/// column does not take, ends the batch before its COMMIT.
inline constexpr std::string_view kRaiseGroupIfChanged =
    "UPDATE {domain}.user_groups SET version = IF(ROW_COUNT() < 0, NULL, version + 1), modified = "
    "? WHERE seq = ? AND ROW_COUNT() <> 0";
inline constexpr std::string_view kUpdateGroup =
    "UPDATE {domain}.user_groups SET display_name = ?, display_name_key = ?, external_id_key = ?, "
    "version = version + 1, modified = ?, "
    "document = ? WHERE seq = ?";
inline constexpr std::string_view kDeleteGroup = "DELETE FROM {domain}.user_groups WHERE seq = ?";
/// Followed by kAttributeOfNewGroup or kAttributeOfGroup, comma-separated.
inline constexpr std::string_view kInsertGroupAttributes =
    "INSERT INTO {domain}.group_attributes (attribute, value_key, unique_key, group_seq) VALUES ";
inline constexpr std::string_view kAttributeOfNewGroup = "(?, ?, ?, LAST_INSERT_ID())";
inline constexpr std::string_view kAttributeOfGroup = "(?, ?, ?, ?)";
/// FORCE INDEX: on a small table the optimiser would read all of it.
inline constexpr std::string_view kAttributesOfGroup =
    "SELECT attribute, value_key, unique_key IS NOT NULL FROM {domain}.group_attributes FORCE "
    "INDEX (group_attribute_owner) WHERE group_seq = ?";
inline constexpr std::string_view kDeleteGroupAttribute =
    "DELETE FROM {domain}.group_attributes WHERE attribute = ? AND value_key = ? AND group_seq = ?";
inline constexpr std::string_view kOwnerOfUniqueGroupValue =
    "SELECT group_seq FROM {domain}.group_attributes WHERE attribute = ? AND unique_key = ?";

// Groups in groups. What is below a group are the groups it contains, what is above it those that
// contain it. All but the first three and kNamesUpwards run while the turn is held, and nobody else
// writes there.
/// Those of some groups that contain groups.
inline constexpr std::string_view kContainers =
    "SELECT g.id FROM {domain}.user_groups g FORCE INDEX (group_id) WHERE g.id IN (...) AND EXISTS "
    "(SELECT 1 FROM {domain}.group_ancestors a WHERE a.ancestor_seq = g.seq)";
inline constexpr std::string_view kContains =
    "SELECT 1 FROM {domain}.user_groups g WHERE g.id = ? AND EXISTS (SELECT 1 FROM "
    "{domain}.group_nesting n WHERE n.group_seq = g.seq)";
inline constexpr std::string_view kIsNested =
    "SELECT 1 FROM {domain}.user_groups g WHERE g.id = ? AND (EXISTS (SELECT 1 FROM "
    "{domain}.group_nesting n WHERE n.group_seq = g.seq) OR EXISTS (SELECT 1 FROM "
    "{domain}.group_nesting n WHERE n.member_seq = g.seq))";
/// Changes the row that it locks: in a cluster of which several nodes take writes a lock is known
/// to its own node only, and two changes of one row are what the others tell conflicts by.
inline constexpr std::string_view kTakeNestingTurn =
    "UPDATE {domain}.nesting_turn SET turns = turns + 1 WHERE one = 1";
inline constexpr std::string_view kGroupNumbers =
    "SELECT seq FROM {domain}.user_groups FORCE INDEX (group_id) WHERE id IN (...)";
inline constexpr std::string_view kContainersOfGroup =
    "SELECT n.group_seq FROM {domain}.user_groups g JOIN {domain}.group_nesting n ON n.member_seq "
    "= g.seq WHERE g.id = ?";
/// The names of a group and of all that contain it.
inline constexpr std::string_view kNamesUpwards =
    "SELECT display_name FROM {domain}.user_groups WHERE id = ? UNION ALL SELECT c.display_name "
    "FROM {domain}.user_groups g JOIN {domain}.group_ancestors a ON a.descendant_seq = g.seq JOIN "
    "{domain}.user_groups c ON c.seq = a.ancestor_seq WHERE g.id = ?";
inline constexpr std::string_view kMembersAmong =
    "SELECT member_seq FROM {domain}.group_nesting WHERE group_seq = ? AND member_seq IN (...)";
inline constexpr std::string_view kNestedMembers =
    "SELECT member_seq FROM {domain}.group_nesting WHERE group_seq = ? LIMIT ?";
inline constexpr std::string_view kAbove =
    "SELECT ancestor_seq FROM {domain}.group_ancestors WHERE descendant_seq = ? LIMIT ?";
inline constexpr std::string_view kBelow =
    "SELECT ancestor_seq, descendant_seq FROM {domain}.group_ancestors WHERE ancestor_seq IN (...) "
    "LIMIT ?";
inline constexpr std::string_view kEdgesFrom =
    "SELECT group_seq, member_seq FROM {domain}.group_nesting WHERE group_seq IN (...) LIMIT ?";
inline constexpr std::string_view kEdgesTo =
    "SELECT group_seq, member_seq FROM {domain}.group_nesting WHERE member_seq IN (...) LIMIT ?";
inline constexpr std::string_view kAncestorsAmong =
    "SELECT descendant_seq, ancestor_seq FROM {domain}.group_ancestors WHERE ancestor_seq IN (...) "
    "AND descendant_seq IN (...) LIMIT ?";
inline constexpr std::string_view kDeleteEdges =
    "DELETE FROM {domain}.group_nesting WHERE group_seq = ? AND member_seq IN (...)";
inline constexpr std::string_view kDeleteEdgesTo =
    "DELETE FROM {domain}.group_nesting WHERE member_seq = ?";
/// Followed by `(group,member)`.
inline constexpr std::string_view kInsertEdges =
    "INSERT INTO {domain}.group_nesting (group_seq, member_seq) VALUES ";
inline constexpr std::string_view kDeleteAncestorsAmong =
    "DELETE FROM {domain}.group_ancestors WHERE ancestor_seq IN (...) AND descendant_seq IN (...)";
inline constexpr std::string_view kDeleteAncestors =
    "DELETE FROM {domain}.group_ancestors WHERE descendant_seq = ?";
/// Followed by `(descendant,ancestor)`. IGNORE: one may contain the other already in another way.
inline constexpr std::string_view kInsertAncestors =
    "INSERT IGNORE INTO {domain}.group_ancestors (descendant_seq, ancestor_seq) VALUES ";

// Resources of the types that schema files add.
inline constexpr std::string_view kFindResource =
    "SELECT id, version, created, modified, document FROM {domain}.resources WHERE kind = ? AND id "
    "= ?";
inline constexpr std::string_view kResourcesOfRows =
    "SELECT seq, id, version, created, modified, document FROM {domain}.resources WHERE kind = ? "
    "AND seq IN (...)";
inline constexpr std::string_view kInsertResource =
    "INSERT INTO {domain}.resources (kind, id, name_key, external_id_key, version, created, "
    "modified, document) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
/// Followed by kAttributeOfNewResource or kAttributeOfResource, comma-separated.
inline constexpr std::string_view kInsertResourceAttributes =
    "INSERT INTO {domain}.resource_attributes (kind, attribute, value_key, unique_key, "
    "resource_seq) VALUES ";
inline constexpr std::string_view kAttributeOfNewResource = "(?, ?, ?, ?, LAST_INSERT_ID())";
inline constexpr std::string_view kAttributeOfResource = "(?, ?, ?, ?, ?)";
inline constexpr std::string_view kLockResource =
    "SELECT seq, id, version, created, modified, document FROM {domain}.resources WHERE kind = ? "
    "AND id = ? FOR UPDATE";
/// FORCE INDEX: on a small table the optimiser would read all of it.
inline constexpr std::string_view kAttributesOfResource =
    "SELECT a.attribute, a.value_key, a.unique_key IS NOT NULL FROM {domain}.resources r JOIN "
    "{domain}.resource_attributes a FORCE INDEX (resource_attribute_owner) ON a.kind = r.kind AND "
    "a.resource_seq = r.seq WHERE r.kind = ? AND r.id = ?";
inline constexpr std::string_view kUpdateResource =
    "UPDATE {domain}.resources SET name_key = ?, external_id_key = ?, version = ?, modified = ?, "
    "document = ? WHERE kind = ? AND seq = ?";
inline constexpr std::string_view kDeleteResourceAttribute =
    "DELETE FROM {domain}.resource_attributes WHERE kind = ? AND attribute = ? AND value_key = ? "
    "AND resource_seq = ?";
inline constexpr std::string_view kOwnerOfUniqueValue =
    "SELECT resource_seq FROM {domain}.resource_attributes WHERE kind = ? AND attribute = ? AND "
    "unique_key = ?";
inline constexpr std::string_view kDeleteResource =
    "DELETE FROM {domain}.resources WHERE kind = ? AND seq = ?";

// Several groups of one user.
inline constexpr std::string_view kLockGroups =
    "SELECT seq FROM {domain}.user_groups FORCE INDEX (PRIMARY) WHERE seq IN (...) ORDER BY seq "
    "FOR UPDATE";
inline constexpr std::string_view kRaiseGroups =
    "UPDATE {domain}.user_groups FORCE INDEX (PRIMARY) SET version = version + 1, modified = "
    "GREATEST(modified, ?) WHERE seq IN (...)";
inline constexpr std::string_view kRaiseGroupsOfMember =
    "UPDATE {domain}.user_groups g FORCE INDEX (PRIMARY) SET g.version = g.version + 1, g.modified "
    "= GREATEST(g.modified, ?) "
    "WHERE g.seq IN (...) AND EXISTS (SELECT 1 FROM {domain}.memberships m WHERE m.group_seq = "
    "g.seq AND m.user_seq = ?)";
inline constexpr std::string_view kRaiseGroupsOfNonMember =
    "UPDATE {domain}.user_groups g FORCE INDEX (PRIMARY) SET g.version = g.version + 1, g.modified "
    "= GREATEST(g.modified, ?) "
    "WHERE g.seq IN (...) AND NOT EXISTS (SELECT 1 FROM {domain}.memberships m WHERE m.group_seq = "
    "g.seq AND m.user_seq = ?)";
inline constexpr std::string_view kRaiseGroupsOfUngranted =
    "UPDATE {domain}.user_groups g FORCE INDEX (PRIMARY) SET g.version = g.version + 1, g.modified "
    "= GREATEST(g.modified, ?) "
    "WHERE g.seq IN (...) AND EXISTS (SELECT 1 FROM {domain}.memberships m WHERE m.group_seq = "
    "g.seq AND m.user_seq = ? "
    "AND m.by_scim = 0 AND NOT EXISTS (SELECT 1 FROM {domain}.idp_grants o WHERE o.group_seq = "
    "m.group_seq AND o.user_seq = m.user_seq))";

// Federated identities and what identity providers grant.
inline constexpr std::string_view kFindLinkedUser =
    "SELECT f.user_id, f.claims_digest, f.user_version, f.created, f.last_synced, n.revision, "
    "u.seq, "
    "u.id, u.version, u.created, u.modified, "
    "u.document, g.id, g.display_name, c.id, c.display_name "
    "FROM {control}.federated_identities f LEFT JOIN "
    "{domain}.group_names n ON n.one = 1 LEFT JOIN {domain}.users u ON u.id = f.user_id "
    "LEFT JOIN {domain}.memberships m ON m.user_seq = u.seq LEFT JOIN {domain}.user_groups g ON "
    "g.seq = m.group_seq "
    "LEFT JOIN {domain}.group_ancestors a ON a.descendant_seq = m.group_seq "
    "LEFT JOIN {domain}.user_groups c ON c.seq = a.ancestor_seq "
    "WHERE f.idp_number = ? AND f.subject = ? LIMIT ?";
inline constexpr std::string_view kIdentitiesOfUser =
    "SELECT idp_number, subject, user_id, claims_digest, user_version, created, last_synced FROM "
    "{control}.federated_identities "
    "WHERE user_id = ?";
inline constexpr std::string_view kIdentityOfSubject =
    "SELECT idp_number, subject, user_id, claims_digest, user_version, created, last_synced FROM "
    "{control}.federated_identities "
    "WHERE idp_number = ? AND subject = ?";
inline constexpr std::string_view kListIdentities =
    "SELECT idp_number, subject, user_id, claims_digest, user_version, created, last_synced FROM "
    "{control}.federated_identities "
    "WHERE idp_number = ? AND subject > ? ORDER BY subject LIMIT ?";
inline constexpr std::string_view kMoveIdentity =
    "UPDATE {control}.federated_identities SET user_id = ?, claims_digest = ?, user_version = 0 "
    "WHERE idp_number = ? AND subject = ? AND user_id = ?";
inline constexpr std::string_view kInsertIdentity =
    "INSERT INTO {control}.federated_identities (idp_number, subject, user_id, claims_digest, "
    "user_version, created, last_synced) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)";
inline constexpr std::string_view kUpdateIdentity =
    "UPDATE {control}.federated_identities SET claims_digest = ?, user_version = ?, last_synced = "
    "? "
    "WHERE idp_number = ? AND subject = ? AND user_id = ?";
inline constexpr std::string_view kDeleteIdentity =
    "DELETE FROM {control}.federated_identities WHERE idp_number = ? AND subject = ?";
inline constexpr std::string_view kDeleteIdentityOfUser =
    "DELETE FROM {control}.federated_identities WHERE idp_number = ? AND subject = ? AND user_id = "
    "?";
/// Memberships of a user that one identity provider alone is the source of.
inline constexpr std::string_view kSoleGrants =
    "SELECT g.id, g.display_name FROM {domain}.users u "
    "JOIN {domain}.idp_grants i ON i.user_seq = u.seq AND i.idp_number = ? "
    "JOIN {domain}.memberships m ON m.group_seq = i.group_seq AND m.user_seq = u.seq "
    "JOIN {domain}.user_groups g ON g.seq = i.group_seq "
    "WHERE u.id = ? AND m.by_scim = 0 AND NOT EXISTS (SELECT 1 FROM {domain}.idp_grants o "
    "WHERE o.group_seq = i.group_seq AND o.user_seq = u.seq AND o.idp_number <> i.idp_number)";
inline constexpr std::string_view kGrantsOfUser =
    "SELECT i.group_seq, g.display_name FROM {domain}.idp_grants i JOIN {domain}.user_groups g ON "
    "g.seq = i.group_seq WHERE i.user_seq = ? AND i.idp_number = ?";
/// Of a user inserted in the same batch. Groups that are gone meanwhile are left out.
inline constexpr std::string_view kInsertNewUsersMemberships =
    "INSERT INTO {domain}.memberships (group_seq, user_seq, by_scim) SELECT seq, LAST_INSERT_ID(), "
    "0 FROM {domain}.user_groups "
    "FORCE INDEX (PRIMARY) WHERE seq IN (...)";
inline constexpr std::string_view kInsertNewUsersGrants =
    "INSERT INTO {domain}.idp_grants (user_seq, idp_number, group_seq) SELECT user_seq, ?, "
    "group_seq FROM {domain}.memberships "
    "WHERE user_seq = LAST_INSERT_ID()";
inline constexpr std::string_view kInsertGrantedMemberships =
    "INSERT INTO {domain}.memberships (group_seq, user_seq, by_scim) SELECT g.seq, ?, 0 FROM "
    "{domain}.user_groups g "
    "FORCE INDEX (PRIMARY) WHERE g.seq IN (...) ON DUPLICATE KEY UPDATE user_seq = "
    "VALUES(user_seq)";
inline constexpr std::string_view kInsertGrants =
    "INSERT INTO {domain}.idp_grants (user_seq, idp_number, group_seq) SELECT user_seq, ?, "
    "group_seq FROM {domain}.memberships "
    "WHERE user_seq = ? AND group_seq IN (...)";
inline constexpr std::string_view kDeleteGrants =
    "DELETE FROM {domain}.idp_grants WHERE user_seq = ? AND idp_number = ? AND group_seq IN (...)";
inline constexpr std::string_view kDeleteUngrantedMemberships =
    "DELETE FROM {domain}.memberships WHERE user_seq = ? AND group_seq IN (...) AND by_scim = 0 "
    "AND NOT EXISTS (SELECT 1 "
    "FROM {domain}.idp_grants o WHERE o.group_seq = memberships.group_seq AND o.user_seq = "
    "memberships.user_seq)";

// The audit.
inline constexpr std::string_view kInsertAuditEvent =
    "INSERT INTO {control}.audit_events (occurred, correlation_id, action, actor_id, actor_name, "
    "idp_name, subject, identity_key, domain_number, domain_name, resource_id, version_before, "
    "version_after, code, changes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
/// The same behind a statement that may have changed nothing; then it stores nothing. See
/// kRaiseGroupIfChanged.
inline constexpr std::string_view kInsertAuditEventIfChanged =
    "INSERT INTO {control}.audit_events (occurred, correlation_id, action, actor_id, actor_name, "
    "idp_name, subject, identity_key, domain_number, domain_name, resource_id, version_before, "
    "version_after, code, changes) SELECT IF(ROW_COUNT() < 0, NULL, ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, "
    "?, ?, ?, ?, ? FROM DUAL WHERE ROW_COUNT() <> 0";
/// The same behind kNoteRailRefusal: stored once a window.
inline constexpr std::string_view kInsertAuditEventIfFirstRefusal =
    "INSERT INTO {control}.audit_events (occurred, correlation_id, action, actor_id, actor_name, "
    "idp_name, subject, identity_key, domain_number, domain_name, resource_id, version_before, "
    "version_after, code, changes) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM "
    "{domain}.guard_rails WHERE actor_kind = ? AND actor = ? AND kind = ? AND refused = 1";
/// Behind it in the same batch.
inline constexpr std::string_view kInsertAuditTrace =
    "INSERT INTO {control}.audit_traces (seq, occurred, trace) VALUES (LAST_INSERT_ID(), ?, ?)";
inline constexpr std::string_view kAuditEventsOfRows =
    "SELECT seq, occurred, correlation_id, action, actor_id, actor_name, idp_name, subject, "
    "domain_number, domain_name, resource_id, version_before, version_after, code, changes FROM "
    "{control}.audit_events WHERE seq IN (...)";
inline constexpr std::string_view kAuditTracesOfRows =
    "SELECT seq, trace FROM {control}.audit_traces WHERE seq IN (...)";
inline constexpr std::string_view kDeleteAuditTraces =
    "DELETE FROM {control}.audit_traces WHERE occurred < ? ORDER BY occurred LIMIT ?";
inline constexpr std::string_view kDeleteAuditEvents =
    "DELETE FROM {control}.audit_events WHERE occurred < ? ORDER BY occurred LIMIT ?";

}  // namespace sql
}  // namespace vestibule::store
