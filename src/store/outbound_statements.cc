#include "store/outbound_statements.h"

namespace vestibule::store {
namespace {

constexpr std::string_view kPendingColumns =
    "(target, resource_id, generation, state, due, attempts, created)";
/// Marked again: whoever has it leased looks once more, what waits or has failed is due. Assigned
/// in this order, which MySQL keeps: `state` is the old one until the end.
constexpr std::string_view kAgain =
    "ON DUPLICATE KEY UPDATE generation = {control}.outbound_pending.generation + 1, attempts = "
    "IF({control}.outbound_pending.state = 2, {control}.outbound_pending.attempts, 0), due = "
    "IF({control}.outbound_pending.state = 2, {control}.outbound_pending.due, {now}), "
    "state = IF({control}.outbound_pending.state = 2, 2, 1)";

void put(std::string& text, std::string_view mark, std::string_view by) {
  if (const auto at = text.find(mark); at != std::string::npos) text.replace(at, mark.size(), by);
}

}  // namespace

std::string outboundText(std::string_view sql, std::string_view control, std::string_view domain) {
  std::string text(sql);
  put(text, "{pending}", kPendingColumns);
  put(text, "{again}", kAgain);
  return forSchemas(text, domain, control);
}

std::vector<StatementText> outboundStatements() {
  std::vector<StatementText> all;
  const auto add = [&](std::string name, std::string_view sql) {
    all.push_back({std::move(name), outboundText(sql, "{control}", "{domain}")});
  };
  add("markOutbound", sql::kMarkOutbound);
  add("markOutboundIfChanged", sql::kMarkOutboundIfChanged);
  add("markResync", sql::kMarkResync);
  add("markNewTarget", sql::kMarkNewTarget);
  add("usersFrom", sql::kUsersFrom);
  add("markUsers", sql::kMarkUsers);
  add("groupsFrom", sql::kGroupsFrom);
  add("markGroups", sql::kMarkGroups);
  add("linksFrom", sql::kLinksFrom);
  add("markLinks", sql::kMarkLinks);
  add("claimableOutbound", sql::kClaimableOutbound);
  add("claimOutbound", sql::kClaimOutbound);
  add("claimedOutbound", sql::kClaimedOutbound);
  add("lookAgain", sql::kLookAgain);
  add("finishOutbound", sql::kFinishOutbound);
  add("markLost", sql::kMarkLost);
  add("sendAnew", sql::kSendAnew);
  add("postponeOutbound", sql::kPostponeOutbound);
  add("failOutbound", sql::kFailOutbound);
  add("extendOutbound", sql::kExtendOutbound);
  add("releaseOutbound", sql::kReleaseOutbound);
  add("deleteLink", sql::kDeleteLink);
  add("insertLink", sql::kInsertLink);
  add("deleteMembersOfUser", sql::kDeleteMembersOfUser);
  add("deleteMembersOfGroup", sql::kDeleteMembersOfGroup);
  add("outboundGroupsOfUser", sql::kOutboundGroupsOfUser);
  add("membersToAdd", sql::kMembersToAdd);
  add("membersToRemove", sql::kMembersToRemove);
  add("insertSentMembers", sql::kInsertSentMembers);
  add("deleteSentMembers", sql::kDeleteSentMembers);
  add("markJoiners", sql::kMarkJoiners);
  add("markLeavers", sql::kMarkLeavers);
  add("outboundStatus", sql::kOutboundStatus);
  add("outboundLink", sql::kOutboundLink);
  add("failedOutbound", sql::kFailedOutbound);
  add("retryOutbound", sql::kRetryOutbound);
  add("retryAllOutbound", sql::kRetryAllOutbound);
  add("pendingOfResource", sql::kPendingOfResource);
  add("countOutbound", sql::kCountOutbound);
  add("countLinks", sql::kCountLinks);
  add("forgetPending", sql::kForgetPending);
  add("forgetLinks", sql::kForgetLinks);
  add("forgetMembers", sql::kForgetMembers);
  return all;
}

}  // namespace vestibule::store
