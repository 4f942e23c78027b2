#include "outbound/delivery.h"

#include <algorithm>

#include "unit/outbound/outbound_fixture.h"

namespace vestibule::outbound::test {
namespace {

using store::LinkState;
using store::OutboundLink;

const char* const kNobody = R"({"totalResults": 0, "Resources": []})";

class DeliveryTest : public ::testing::Test {
 protected:
  static json::Object ada(bool active = true) {
    return {{"schemas", json::Array{"urn:core"}},
            {"userName", "ada"},
            {"externalId", "u1"},
            {"active", active}};
  }
  static OutboundLink linked(const std::optional<json::Object>& sent = std::nullopt,
                             LinkState state = LinkState::kActive) {
    return {"r1", state, sent ? digestOf(*sent) : std::string(32, '\0'), "userName title"};
  }
  Delivery user(const std::optional<json::Object>& payload,
                const std::optional<OutboundLink>& link = std::nullopt) {
    auto client = service.client();
    return deliverUser(target, client, payload, link, reserve);
  }
  Delivery group(const std::optional<json::Object>& payload,
                 const std::optional<OutboundLink>& link = std::nullopt) {
    auto client = service.client();
    return deliverGroup(target, client, payload, link, reserve);
  }
  /// The requests without their bodies.
  std::vector<std::string> lines() const {
    std::vector<std::string> all;
    for (const auto& one : service.asked) {
      const auto behind_method = one.find(' ') + 1;
      all.push_back(one.substr(0, one.find(' ', behind_method)));
    }
    return all;
  }

  Target target = targetOf("{}");
  ScriptedService service;
  std::vector<std::string> reserved;
  Reserve reserve = [this](const std::string& id) -> Result<void> {
    reserved.push_back(id);
    return {};
  };
  using Lines = std::vector<std::string>;
};

TEST_F(DeliveryTest, KnowsWhatAResourceNeeds) {
  const std::string digest(32, 'a');
  const OutboundLink same{"r", LinkState::kActive, digest, ""};
  const OutboundLink other{"r", LinkState::kActive, std::string(32, 'b'), ""};
  const OutboundLink left{"r", LinkState::kLeft, digest, ""};
  EXPECT_EQ(stepOf("", std::nullopt), Step::kNothing);
  EXPECT_EQ(stepOf("", left), Step::kNothing);
  EXPECT_EQ(stepOf("", same), Step::kRemove);
  EXPECT_EQ(stepOf(digest, std::nullopt), Step::kCreate);
  EXPECT_EQ(stepOf(digest, same), Step::kNothing);
  EXPECT_EQ(stepOf(digest, other), Step::kUpdate);
  EXPECT_EQ(stepOf(digest, left), Step::kUpdate) << "who is back is made active again";
}

TEST_F(DeliveryTest, AsksNothingWhereNothingDiffers) {
  EXPECT_EQ(user(ada(), linked(ada())).step, Step::kNothing);
  EXPECT_EQ(user(std::nullopt).step, Step::kNothing);
  EXPECT_TRUE(service.asked.empty());
}

TEST_F(DeliveryTest, MakesAUserThatIsNotThere) {
  service.answers(200, kNobody);
  service.answers(201, R"({"id": "r1", "userName": "ada"})");
  const auto done = user(ada());
  ASSERT_EQ(done.verdict, Verdict::kDone) << done.fault.detail;
  EXPECT_EQ(lines(), (Lines{"GET /Users?filter=userName%20eq%20%22ada%22", "POST /Users"}));
  EXPECT_EQ(done.link->remote_id, "r1");
  EXPECT_EQ(done.link->digest, digestOf(ada()));
  EXPECT_EQ(done.link->attributes, "userName externalId active");
  EXPECT_EQ(reserved, Lines{"r1"});
}

TEST_F(DeliveryTest, TakesOverAUserThatIsThere) {
  service.answers(200, R"({"Resources": [{"id": "r7", "userName": "ADA"}]})");
  service.answers(200);
  const auto done = user(ada());
  ASSERT_EQ(done.verdict, Verdict::kDone) << done.fault.detail;
  EXPECT_EQ(lines(), (Lines{"GET /Users?filter=userName%20eq%20%22ada%22", "PUT /Users/r7"}));
  EXPECT_EQ(done.link->remote_id, "r7");
}

TEST_F(DeliveryTest, ChangesNothingOfAnAccountThatIsAnothers) {
  service.answers(200, R"({"Resources": [{"id": "r7", "userName": "ada"}]})");
  reserve = [](const std::string&) -> Result<void> {
    return failure(ErrorKind::kConflict, "another local resource has this remote one");
  };
  const auto done = user(ada());
  EXPECT_EQ(done.verdict, Verdict::kTaken);
  EXPECT_EQ(service.asked.size(), 1U) << "nothing but the look-up";
}

TEST_F(DeliveryTest, MatchesByExternalIdWhereThatIsSaid) {
  target = targetOf(R"({"match": "externalId"})");
  service.answers(200, kNobody);
  service.answers(201, R"({"id": "r1"})");
  EXPECT_EQ(user(ada()).verdict, Verdict::kDone);
  EXPECT_EQ(lines().front(), "GET /Users?filter=externalId%20eq%20%22u1%22");
}

TEST_F(DeliveryTest, LooksAgainWhereSomebodyWasFaster) {
  service.answers(200, kNobody);
  service.answers(409, R"({"detail": "taken"})");
  service.answers(200, R"({"Resources": [{"id": "r7", "userName": "ada"}]})");
  service.answers(200);
  const auto done = user(ada());
  ASSERT_EQ(done.verdict, Verdict::kDone) << done.fault.detail;
  EXPECT_EQ(done.link->remote_id, "r7");
}

TEST_F(DeliveryTest, SaysThatANameIsTakenThatCannotBeFound) {
  service.answers(200, kNobody);
  service.answers(409, R"({"detail": "taken"})");
  service.answers(200, kNobody);
  const auto done = user(ada());
  EXPECT_EQ(done.verdict, Verdict::kTaken);
  EXPECT_EQ(done.fault.detail, "POST: status 409: taken");
}

TEST_F(DeliveryTest, TrustsNoLookUpThatCannotBeUsed) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {R"({"Resources": [{"id": "r1", "userName": "ada"}, {"id": "r2", "userName": "ada"}]})",
       "several have this userName"},
      {R"({"Resources": [{"id": "r1", "userName": "bob"}]})",
       "the service does not filter by userName"},
      {R"({"Resources": [{"userName": "ada"}]})", "what was found has no usable id"},
      {R"({"Resources": [{"id": 7, "userName": "ada"}]})", "what was found has no usable id"},
      {"<html>", "the answer is no JSON object"},
  };
  for (const auto& [body, reason] : rows) {
    service = {};
    service.answers(200, body);
    const auto done = user(ada());
    EXPECT_EQ(done.verdict, Verdict::kFailed) << body;
    EXPECT_EQ(done.fault.detail, "GET: " + reason);
    EXPECT_EQ(service.asked.size(), 1U) << body;
  }
}

TEST_F(DeliveryTest, FindsTheOneAmongOthersThatAServiceAddsToThem) {
  service.answers(
      200, R"({"Resources": [{"id": "r1", "userName": "bob"}, {"id": "r2", "userName": "ada"}]})");
  service.answers(200);
  EXPECT_EQ(user(ada()).link->remote_id, "r2");
}

TEST_F(DeliveryTest, ReplacesAUserThatHasChanged) {
  service.answers(200);
  const auto done = user(ada(), linked());
  ASSERT_EQ(done.verdict, Verdict::kDone);
  EXPECT_EQ(service.asked, Lines{R"(PUT /Users/r1 {"schemas":["urn:core"],"userName":"ada",)"
                                 R"("externalId":"u1","active":true,"id":"r1"})"});
}

TEST_F(DeliveryTest, PatchesAUserAndTakesAwayWhatIsNotSentAnyMore) {
  target = targetOf(R"({"update": "patch"})");
  service.answers(204);
  ASSERT_EQ(user(ada(), linked()).verdict, Verdict::kDone);
  EXPECT_EQ(
      service.asked,
      Lines{R"(PATCH /Users/r1 {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],)"
            R"("Operations":[{"op":"replace","path":"userName","value":"ada"},)"
            R"({"op":"replace","path":"externalId","value":"u1"},)"
            R"({"op":"replace","path":"active","value":true},{"op":"remove","path":"title"}]})"});
}

TEST_F(DeliveryTest, MakesAUserAnewThatIsGoneThere) {
  for (const int gone : {404, 410}) {
    service = {};
    service.answers(gone);
    service.answers(200, kNobody);
    service.answers(201, R"({"id": "r2"})");
    const auto done = user(ada(), linked());
    ASSERT_EQ(done.verdict, Verdict::kDone) << done.fault.detail;
    EXPECT_EQ(done.link->remote_id, "r2");
    EXPECT_EQ(reserved.back(), "r2") << "which forgets the memberships of the former one";
  }
}

TEST_F(DeliveryTest, EncodesWhateverIdATargetGives) {
  service.answers(204);
  target = targetOf(R"({"onRemoval": "delete"})");
  auto link = linked(ada());
  link.remote_id = "../Groups/1?x";
  user(std::nullopt, link);
  EXPECT_EQ(service.asked, Lines{"DELETE /Users/..%2FGroups%2F1%3Fx"});
}

TEST_F(DeliveryTest, DeletesWhoLeavesWhereThatIsSaid) {
  target = targetOf(R"({"onRemoval": "delete"})");
  for (const int status : {204, 404}) {
    service = {};
    service.answers(status);
    const auto done = user(std::nullopt, linked(ada()));
    EXPECT_EQ(done.verdict, Verdict::kDone) << status;
    EXPECT_TRUE(done.forget_link) << status;
  }
}

TEST_F(DeliveryTest, DeactivatesWhoLeavesAndRemembersTheAccount) {
  service.answers(200, R"({"id": "r1", "userName": "ada", "title": "x", "active": true,
                          "meta": {"version": "1"}, "groups": []})");
  service.answers(200);
  const auto done = user(std::nullopt, linked(ada()));
  ASSERT_EQ(done.verdict, Verdict::kDone) << done.fault.detail;
  EXPECT_EQ(service.asked.back(),
            R"(PUT /Users/r1 {"id":"r1","userName":"ada","title":"x","active":false})");
  ASSERT_TRUE(done.link);
  EXPECT_EQ(done.link->state, LinkState::kLeft);
  EXPECT_FALSE(done.forget_link);
}

TEST_F(DeliveryTest, DeactivatesByPatchWhereThatIsSaid) {
  target = targetOf(R"({"update": "patch"})");
  service.answers(204);
  ASSERT_EQ(user(std::nullopt, linked(ada())).verdict, Verdict::kDone);
  EXPECT_EQ(lines(), Lines{"PATCH /Users/r1"});
}

TEST_F(DeliveryTest, LeavesWhoLeavesWhereThatIsSaid) {
  target = targetOf(R"({"onRemoval": "leave"})");
  const auto done = user(std::nullopt, linked(ada()));
  EXPECT_EQ(done.link->state, LinkState::kLeft);
  EXPECT_TRUE(service.asked.empty());
}

TEST_F(DeliveryTest, GoesOnAsTheAnswerSays) {
  RemoteAnswer busy;
  for (const auto& [status, verdict] : std::vector<std::pair<int, Verdict>>{{400, Verdict::kFailed},
                                                                            {403, Verdict::kFailed},
                                                                            {500, Verdict::kRetry},
                                                                            {503, Verdict::kPause},
                                                                            {0, Verdict::kPause}}) {
    service = {};
    service.answers(status);
    EXPECT_EQ(user(ada(), linked()).verdict, verdict) << status;
  }
}

TEST_F(DeliveryTest, NeverReplacesAGroup) {
  const json::Object staff{{"schemas", json::Array{"urn:group"}}, {"displayName", "staff"}};
  service.answers(204);
  ASSERT_EQ(group(staff, linked()).verdict, Verdict::kDone);
  EXPECT_EQ(lines(), Lines{"PATCH /Groups/r1"}) << "PUT would take its members away";
}

TEST_F(DeliveryTest, LeavesAGroupThatLeavesUnlessItIsToBeDeleted) {
  EXPECT_EQ(group(std::nullopt, linked()).link->state, LinkState::kLeft);
  EXPECT_TRUE(service.asked.empty());
  target = targetOf(R"({"onRemoval": "delete"})");
  service.answers(204);
  EXPECT_TRUE(group(std::nullopt, linked()).forget_link);
  EXPECT_EQ(lines(), Lines{"DELETE /Groups/r1"});
}

TEST_F(DeliveryTest, TellsMembersAsRows) {
  const auto id = ResourceId::generate(DomainNumber(1), ResourceKind::kUser);
  service.answers(204);
  service.answers(204);
  auto client = service.client();
  store::MemberDifference difference{{{id, "r1"}, {id, "r2"}}, {{id, "r\"3"}}};
  const auto done = deliverMembers(client, "g1", difference, [] { return true; });
  ASSERT_EQ(done.verdict, Verdict::kDone);
  EXPECT_EQ(
      service.asked,
      (Lines{R"(PATCH /Groups/g1 {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],)"
             R"("Operations":[{"op":"add","path":"members","value":[{"value":"r1"},)"
             R"({"value":"r2"}]}]})",
             R"(PATCH /Groups/g1 {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],)"
             R"("Operations":[{"op":"remove","path":"members[value eq \"r\\\"3\"]"}]})"}));
}

TEST_F(DeliveryTest, RemovesOneByOneWhereOneIsNoMemberThere) {
  const auto id = ResourceId::generate(DomainNumber(1), ResourceKind::kUser);
  service.answers(400, R"({"scimType": "noTarget"})");
  service.answers(400, R"({"scimType": "noTarget"})");
  service.answers(204);
  auto client = service.client();
  store::MemberDifference difference{{}, {{id, "r1"}, {id, "r2"}}};
  const auto done = deliverMembers(client, "g1", difference, [] { return true; });
  EXPECT_EQ(done.verdict, Verdict::kDone);
  EXPECT_EQ(service.asked.size(), 3U);
}

TEST_F(DeliveryTest, RemovesNoMoreOneByOneThanThereIsTimeFor) {
  const auto id = ResourceId::generate(DomainNumber(1), ResourceKind::kUser);
  service.answers(400, R"({"scimType": "noTarget"})");
  service.answers(204);
  auto client = service.client();
  store::MemberDifference difference{{}, {{id, "r1"}, {id, "r2"}, {id, "r3"}}};
  const auto done = deliverMembers(client, "g1", difference, [] { return false; });
  EXPECT_EQ(done.verdict, Verdict::kDone);
  EXPECT_EQ(service.asked.size(), 2U);
  ASSERT_EQ(difference.remove.size(), 1U) << "only what was told is noted";
  EXPECT_EQ(difference.remove.front().remote_id, "r1");
}

TEST_F(DeliveryTest, StopsWhereMembersAreNotTaken) {
  const auto id = ResourceId::generate(DomainNumber(1), ResourceKind::kUser);
  service.answers(403);
  auto client = service.client();
  store::MemberDifference difference{{{id, "r1"}}, {{id, "r2"}}};
  const auto done = deliverMembers(client, "g1", difference, [] { return true; });
  EXPECT_EQ(done.verdict, Verdict::kFailed);
  EXPECT_EQ(service.asked.size(), 1U);
}

}  // namespace
}  // namespace vestibule::outbound::test
