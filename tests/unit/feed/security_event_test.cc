#include "feed/security_event.h"

#include <gtest/gtest.h>

#include "json/write.h"
#include "support/scim_schemas.h"

namespace vestibule::feed {
namespace {

using scim::test::parsed;
using store::ChangeKind;

constexpr Timestamp kOccurred = 1'700'000'000'500'000;
constexpr Timestamp kIssued = 1'700'000'009'000'000;
const std::string kUserId = "2819c223-7f76-8201-819d-0001a3861904";

directory::EventStream streamOf(const std::string& more) {
  auto stream = directory::compileEventStream(parsed(
      R"({"name": "crm", "kind": "push", "url": "https://crm.example/events", "audience": ["crm"])" +
      more + "}"));
  if (!stream) throw std::runtime_error(stream.error().detail);
  return *std::move(stream);
}

store::Delivery deliveryOf(store::ChangeKinds kinds, const std::string& attributes) {
  store::Delivery delivery;
  delivery.event_id = std::string(16, '\x11');
  delivery.event.txn = std::string(16, '\x22');
  delivery.event.occurred = kOccurred;
  delivery.event.kinds = kinds;
  delivery.event.domain = DomainNumber(1);
  delivery.event.resource = *ResourceId::parse(kUserId);
  delivery.event.version = Version(3);
  delivery.event.external_id = "ext-1";
  delivery.event.attributes = attributes;
  return delivery;
}

EventFacts facts(const std::string& resource = "") {
  EventFacts facts;
  facts.issuer = "https://scim.example";
  facts.issued = kIssued;
  facts.type = scim::test::schemas().user;
  if (!resource.empty()) facts.resource = *parsed(resource).object();
  return facts;
}

struct Case {
  const char* name;
  const char* mode;
  store::ChangeKinds kinds;
  const char* attributes;
  const char* resource;  ///< empty: it is gone
  const char* events;
};

const store::ChangeKinds kPatch = bitOf(ChangeKind::kPatch);
const store::ChangeKinds kCreate = bitOf(ChangeKind::kCreate);

const Case kCases[] = {
    {"ANoticeNamesAttributes", "notice", kPatch, R"(["title","name"])", R"({"title":"Boss"})",
     R"({"urn:ietf:params:scim:event:prov:patch:notice":{"attributes":["title","name"],"version":"W/\"3\""}})"},
    {"APasswordIsNotNamed", "notice", kPatch, R"(["title","password"])", "",
     R"({"urn:ietf:params:scim:event:prov:patch:notice":{"attributes":["title"],"version":"W/\"3\""}})"},
    {"APasswordAloneIsAnEmptyNotice", "full", kPatch, R"(["password"])", R"({"title":"Boss"})",
     R"({"urn:ietf:params:scim:event:prov:patch:notice":{"attributes":[],"version":"W/\"3\""}})"},
    {"AFullPatchHasTheValuesOfNow", "full", kPatch, R"(["title","nickName"])",
     R"({"id":"x","title":"Boss"})",
     R"({"urn:ietf:params:scim:event:prov:patch:full":{"data":{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"Boss"},{"op":"remove","path":"nickName"}]},"version":"W/\"3\""}})"},
    {"AFullPatchFindsExtensions", "full", kPatch,
     R"(["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"])",
     R"({"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"IT"}})",
     R"({"urn:ietf:params:scim:event:prov:patch:full":{"data":{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"IT"}]},"version":"W/\"3\""}})"},
    {"AFullCreateHasTheResource", "full", kCreate, R"(["userName"])", R"({"userName":"bob"})",
     R"({"urn:ietf:params:scim:event:prov:create:full":{"data":{"userName":"bob"},"version":"W/\"3\""}})"},
    {"WhatIsGoneIsANotice", "full", kCreate, R"(["userName"])", "",
     R"({"urn:ietf:params:scim:event:prov:create:notice":{"attributes":["userName"],"version":"W/\"3\""}})"},
    {"ADeactivationIsToldBesideItsPatch", "notice",
     static_cast<store::ChangeKinds>(kPatch | bitOf(ChangeKind::kDeactivate)), R"(["active"])", "",
     R"({"urn:ietf:params:scim:event:prov:patch:notice":{"attributes":["active"],"version":"W/\"3\""},"urn:ietf:params:scim:event:prov:deactivate":{}})"},
    {"ADeletionHasNoPayload", "full", bitOf(ChangeKind::kDelete), "[]", "",
     R"({"urn:ietf:params:scim:event:prov:delete":{}})"},
    {"WhatComesIntoTheFeedHasNoPayload", "full", bitOf(ChangeKind::kFeedAdd), "[]",
     R"({"userName":"bob"})", R"({"urn:ietf:params:scim:event:feed:add":{}})"},
    {"WhatLeavesTheFeedHasNoPayload", "notice", bitOf(ChangeKind::kFeedRemove), "[]", "",
     R"({"urn:ietf:params:scim:event:feed:remove":{}})"},
};

class SecurityEventTest : public ::testing::TestWithParam<Case> {};

TEST_P(SecurityEventTest, TellsWhatChanged) {
  const Case& one = GetParam();
  const auto claims = securityEvent(streamOf(std::string(R"(, "mode": ")") + one.mode + "\""),
                                    deliveryOf(one.kinds, one.attributes), facts(one.resource));
  EXPECT_EQ(json::write(*claims.find("events")), one.events);
}

INSTANTIATE_TEST_SUITE_P(Kinds, SecurityEventTest, ::testing::ValuesIn(kCases),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(SecurityEventClaims, NameSubjectAndMoments) {
  auto claims = securityEvent(streamOf(""), deliveryOf(kPatch, "[]"), facts());
  claims.erase("events");
  EXPECT_EQ(json::write(claims),
            R"({"iss":"https://scim.example","iat":1700000009,)"
            R"("jti":"11111111111111111111111111111111","txn":"22222222222222222222222222222222",)"
            R"("toe":1700000000,"aud":["crm"],"sub_id":{"format":"scim","uri":"/Users/)" +
                kUserId + R"(","id":")" + kUserId + R"(","externalId":"ext-1"}})");
}

/// What a full event says of a change of a group, without its URI.
std::string toldOfGroup(store::ChangeKinds kinds, const std::string& change) {
  auto group = facts(R"({"displayName":"g"})");
  group.type = scim::test::schemas().group;
  const auto claims =
      securityEvent(streamOf(R"(, "mode": "full")"), deliveryOf(kinds, change), group);
  const auto& event = claims.find("events")->object()->members().front();
  const auto* data = event.value.find("data");
  return data == nullptr ? event.key.substr(event.key.rfind(':') + 1) : json::write(*data);
}

TEST(SecurityEventClaims, MembersThatAreNotListedMakeANotice) {
  EXPECT_EQ(toldOfGroup(kPatch, R"(["displayName","members"])"), "notice");
  EXPECT_EQ(toldOfGroup(kCreate, R"(["displayName","members"])"), "notice");
  EXPECT_EQ(toldOfGroup(kCreate, R"(["displayName"])"), R"({"displayName":"g"})");
  // Whether the group has any is not known.
  EXPECT_EQ(toldOfGroup(bitOf(ChangeKind::kPut), R"(["displayName"])"), "notice");
}

TEST(SecurityEventClaims, MembersAreThoseOfTheChange) {
  const std::string id = '"' + kUserId + '"';
  const std::string value = R"({"value":)" + id + R"(,"type":"User"})";
  const auto change = [](const std::string& members) {
    return R"({"attributes":["members"],"members":)" + members + "}";
  };
  const std::string start =
      R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[)";
  EXPECT_EQ(toldOfGroup(kPatch, change(R"({"add":[)" + id + "]}")),
            start + R"({"op":"add","path":"members","value":[)" + value + "]}]}");
  EXPECT_EQ(toldOfGroup(kPatch, change(R"({"remove":[)" + id + "]}")),
            start + R"({"op":"remove","path":"members[value eq \")" + kUserId + R"(\"]"}]})");
  EXPECT_EQ(toldOfGroup(kPatch, change(R"({"all":[)" + id + "]}")),
            start + R"({"op":"replace","path":"members","value":[)" + value + "]}]}");
  EXPECT_EQ(toldOfGroup(kPatch, change(R"({"all":[]})")),
            start + R"({"op":"remove","path":"members"}]})");
  EXPECT_EQ(toldOfGroup(bitOf(ChangeKind::kPut), change(R"({"all":[)" + id + "]}")),
            R"({"displayName":"g","members":[)" + value + "]}");
  EXPECT_EQ(toldOfGroup(bitOf(ChangeKind::kPut), change(R"({"all":[]})")),
            R"({"displayName":"g"})");
}

TEST(EventIds, AreThirtyTwoHexadecimalDigits) {
  const std::string bytes(16, '\xab');
  EXPECT_EQ(idBytes(idText(bytes)), bytes);
  for (const char* text :
       {"", "ab", "zz111111111111111111111111111111", "111111111111111111111111111111111"}) {
    EXPECT_EQ(idBytes(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace vestibule::feed
