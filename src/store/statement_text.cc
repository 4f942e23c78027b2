#include "store/statement_text.h"

#include <cassert>

namespace vestibule::store {
namespace {

std::string replaceAll(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

std::string_view conditionOf(FoundBy key) {
  switch (key) {
    case FoundBy::kId:
      return "u.id = ?";
    case FoundBy::kUserName:
      return "u.user_name_fold = ?";
    case FoundBy::kExternalId:
      return "u.external_id_key = ?";
    case FoundBy::kAttribute:
      return "a.value_key = ? AND a.attribute = ?";
  }
  assert(false);
  return {};
}

std::string nameOf(FoundBy key) {
  switch (key) {
    case FoundBy::kId:
      return "ById";
    case FoundBy::kUserName:
      return "ByUserName";
    case FoundBy::kExternalId:
      return "ByExternalId";
    case FoundBy::kAttribute:
      return "ByAttribute";
  }
  assert(false);
  return {};
}

}  // namespace

std::string userLookup(FoundBy key, bool with_groups) {
  std::string text = "SELECT u.seq, u.id, u.version, u.created, u.modified, u.document";
  // One join costs less than UNION ALL of two selects or a second round trip, as long as few groups
  // repeat the document.
  if (with_groups) text += ", g.id, g.display_name, c.id, c.display_name";
  text += key == FoundBy::kAttribute
              ? " FROM {domain}.user_attributes a JOIN {domain}.users u ON u.seq = a.user_seq"
              : " FROM {domain}.users u";
  if (with_groups) {
    text +=
        " LEFT JOIN {domain}.memberships m ON m.user_seq = u.seq"
        " LEFT JOIN {domain}.user_groups g ON g.seq = m.group_seq"
        " LEFT JOIN {domain}.group_ancestors b ON b.descendant_seq = m.group_seq"
        " LEFT JOIN {domain}.user_groups c ON c.seq = b.ancestor_seq";
  }
  text += " WHERE ";
  text += conditionOf(key);
  text += " LIMIT ?";
  return text;
}

std::string auditWindow(AuditKey key) {
  std::string_view index = "audit_time";
  std::string_view condition;
  switch (key) {
    case AuditKey::kTime:
      break;
    case AuditKey::kCorrelation:
      index = "audit_correlation";
      condition = "correlation_id = ? AND ";
      break;
    case AuditKey::kResource:
      index = "audit_resource";
      condition = "resource_id = ? AND ";
      break;
    case AuditKey::kIdentity:
      index = "audit_identity";
      condition = "identity_key = ? AND ";
      break;
  }
  // FORCE INDEX: the order has to be the index's, whatever the optimiser makes of the rest.
  std::string text =
      "SELECT seq, occurred, action, idp_name, resource_id, identity_key FROM "
      "{control}.audit_events FORCE INDEX (";
  text.append(index).append(") WHERE ").append(condition);
  text +=
      "occurred >= ? AND occurred <= ? AND (occurred < ? OR seq < ?) ORDER BY occurred DESC, seq "
      "DESC LIMIT ?";
  return text;
}

std::string forSchemas(std::string_view sql, std::string_view domain, std::string_view control) {
  constexpr std::string_view kNow = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))";
  std::string text = replaceAll(std::string(sql), "{now}", kNow);
  return replaceAll(replaceAll(std::move(text), "{domain}", domain), "{control}", control);
}

std::string withList(std::string_view sql, std::string_view list) {
  constexpr std::string_view kMark = "(...)";
  const auto at = sql.find(kMark);
  assert(at != std::string_view::npos);
  std::string text;
  text.reserve(sql.size() + list.size());
  text.append(sql.substr(0, at + 1)).append(list).append(sql.substr(at + kMark.size() - 1));
  return text;
}

std::string placeholders(std::size_t count) {
  std::string list;
  list.reserve(2 * count);
  for (std::size_t i = 0; i < count; ++i) list += i == 0 ? "?" : ",?";
  return list;
}

std::vector<StatementText> requestStatements() {
  std::vector<StatementText> all;
  for (const FoundBy key :
       {FoundBy::kId, FoundBy::kUserName, FoundBy::kExternalId, FoundBy::kAttribute}) {
    all.push_back({"users" + nameOf(key), userLookup(key, false)});
    all.push_back({"usersWithGroups" + nameOf(key), userLookup(key, true)});
  }
  const auto add = [&](std::string_view name, std::string_view text) {
    all.push_back({std::string(name), std::string(text)});
  };
  const std::string attribute(sql::kInsertUserAttributes);
  const std::string members = "(1,2,1)";
  const std::string pair = "(1,2)";
  add("userVersion", sql::kUserVersion);
  add("usersOfRows", sql::kUsersOfRows);
  add("groupsOfUsers", sql::kGroupsOfUsers);
  add("ancestorsOfGroups", sql::kAncestorsOfGroups);
  add("insertUser", sql::kInsertUser);
  add("insertUserAttributes", attribute + std::string(sql::kUserAttributeOfNewUser));
  add("addUserAttributes",
      attribute + std::string(sql::kUserAttributeOfUser) + std::string(sql::kKeepUserAttribute));
  add("lockUser", sql::kLockUser);
  add("groupsOfUser", sql::kGroupsOfUser);
  add("indirectGroupsOfUser", sql::kIndirectGroupsOfUser);
  add("updateUser", sql::kUpdateUser);
  add("updateUserAndPassword", sql::kUpdateUserAndPassword);
  add("deleteUserAttribute", sql::kDeleteUserAttribute);
  add("groupNumbersOfUser", sql::kGroupNumbersOfUser);
  add("deleteIdentitiesOfUser", sql::kDeleteIdentitiesOfUser);
  add("deleteUser", sql::kDeleteUser);
  add("findGroup", sql::kFindGroup);
  add("groupsOfRows", sql::kGroupsOfRows);
  add("groupsByName", sql::kGroupsByName);
  add("groupNamesRevision", sql::kGroupNamesRevision);
  add("raiseGroupNames", sql::kRaiseGroupNames);
  add("listMembers", sql::kListMembers);
  add("listNestedMembers", sql::kListNestedMembers);
  add("membersOfGroups", sql::kMembersOfGroups);
  add("nestedMembersOfGroups", sql::kNestedMembersOfGroups);
  add("shareUsers", sql::kShareUsers);
  add("userNumbers", sql::kUserNumbers);
  add("insertGroup", sql::kInsertGroup);
  add("insertFirstMembers", std::string(sql::kInsertFirstMembers) + members);
  add("lockGroup", sql::kLockGroup);
  add("insertMembers", std::string(sql::kInsertMembers) + members);
  add("claimMembers", sql::kClaimMembers);
  add("deleteMembers", sql::kDeleteMembers);
  add("deleteOtherMembers", sql::kDeleteOtherMembers);
  add("deleteAllMembers", sql::kDeleteAllMembers);
  add("raiseGroup", sql::kRaiseGroup);
  add("raiseGroupIfChanged", sql::kRaiseGroupIfChanged);
  add("updateGroup", sql::kUpdateGroup);
  add("deleteGroup", sql::kDeleteGroup);
  const std::string of_group(sql::kInsertGroupAttributes);
  add("insertGroupAttributes", of_group + std::string(sql::kAttributeOfNewGroup));
  add("addGroupAttributes", of_group + std::string(sql::kAttributeOfGroup));
  add("attributesOfGroup", sql::kAttributesOfGroup);
  add("deleteGroupAttribute", sql::kDeleteGroupAttribute);
  add("ownerOfUniqueGroupValue", sql::kOwnerOfUniqueGroupValue);
  add("containers", sql::kContainers);
  add("contains", sql::kContains);
  add("isNested", sql::kIsNested);
  add("takeNestingTurn", sql::kTakeNestingTurn);
  add("groupNumbers", sql::kGroupNumbers);
  add("containersOfGroup", sql::kContainersOfGroup);
  add("namesUpwards", sql::kNamesUpwards);
  add("membersAmong", sql::kMembersAmong);
  add("nestedMembers", sql::kNestedMembers);
  add("above", sql::kAbove);
  add("below", sql::kBelow);
  add("edgesFrom", sql::kEdgesFrom);
  add("edgesTo", sql::kEdgesTo);
  add("ancestorsAmong", sql::kAncestorsAmong);
  add("deleteEdges", sql::kDeleteEdges);
  add("deleteEdgesTo", sql::kDeleteEdgesTo);
  add("insertEdges", std::string(sql::kInsertEdges) + pair);
  add("deleteAncestorsAmong", sql::kDeleteAncestorsAmong);
  add("deleteAncestors", sql::kDeleteAncestors);
  add("insertAncestors", std::string(sql::kInsertAncestors) + pair);
  const std::string entries(sql::kInsertResourceAttributes);
  add("findResource", sql::kFindResource);
  add("resourcesOfRows", sql::kResourcesOfRows);
  add("insertResource", sql::kInsertResource);
  add("insertResourceAttributes", entries + std::string(sql::kAttributeOfNewResource));
  add("addResourceAttributes", entries + std::string(sql::kAttributeOfResource));
  add("lockResource", sql::kLockResource);
  add("attributesOfResource", sql::kAttributesOfResource);
  add("updateResource", sql::kUpdateResource);
  add("deleteResourceAttribute", sql::kDeleteResourceAttribute);
  add("ownerOfUniqueValue", sql::kOwnerOfUniqueValue);
  add("deleteResource", sql::kDeleteResource);
  add("lockGroups", sql::kLockGroups);
  add("raiseGroups", sql::kRaiseGroups);
  add("raiseGroupsOfMember", sql::kRaiseGroupsOfMember);
  add("raiseGroupsOfNonMember", sql::kRaiseGroupsOfNonMember);
  add("raiseGroupsOfUngranted", sql::kRaiseGroupsOfUngranted);
  add("findLinkedUser", sql::kFindLinkedUser);
  add("identitiesOfUser", sql::kIdentitiesOfUser);
  add("listIdentities", sql::kListIdentities);
  add("moveIdentity", sql::kMoveIdentity);
  add("insertIdentity", sql::kInsertIdentity);
  add("updateIdentity", sql::kUpdateIdentity);
  add("deleteIdentity", sql::kDeleteIdentity);
  add("deleteIdentityOfUser", sql::kDeleteIdentityOfUser);
  add("grantsOfUser", sql::kGrantsOfUser);
  add("soleGrants", sql::kSoleGrants);
  add("insertNewUsersMemberships", sql::kInsertNewUsersMemberships);
  add("insertNewUsersGrants", sql::kInsertNewUsersGrants);
  add("insertGrantedMemberships", sql::kInsertGrantedMemberships);
  add("insertGrants", sql::kInsertGrants);
  add("deleteGrants", sql::kDeleteGrants);
  add("deleteUngrantedMemberships", sql::kDeleteUngrantedMemberships);
  add("insertAuditEvent", sql::kInsertAuditEvent);
  add("insertAuditEventIfChanged", sql::kInsertAuditEventIfChanged);
  add("insertAuditTrace", sql::kInsertAuditTrace);
  add("auditByTime", auditWindow(AuditKey::kTime));
  add("auditByCorrelation", auditWindow(AuditKey::kCorrelation));
  add("auditByResource", auditWindow(AuditKey::kResource));
  add("auditByIdentity", auditWindow(AuditKey::kIdentity));
  add("auditEventsOfRows", sql::kAuditEventsOfRows);
  add("auditTracesOfRows", sql::kAuditTracesOfRows);
  add("deleteAuditTraces", sql::kDeleteAuditTraces);
  add("deleteAuditEvents", sql::kDeleteAuditEvents);
  return all;
}

}  // namespace vestibule::store
