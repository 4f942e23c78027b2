#include "outbound/mapping.h"

#include "unit/outbound/outbound_fixture.h"

namespace vestibule::outbound::test {
namespace {

constexpr const char* kUser = R"({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
  "id": "u1", "externalId": "e1", "userName": "ada", "title": "Countess",
  "name": {"givenName": "Ada", "familyName": "Lovelace"},
  "emails": [{"value": "home@x.org", "type": "home"}, {"value": "work@x.org", "type": "work"}],
  "groups": [{"value": "g1", "display": "staff"}],
  "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Math"},
  "meta": {"resourceType": "User"}})";

Result<json::Object> mapped(std::string_view mappings, std::string_view user = kUser) {
  static const auto context = contextOfSchemas();
  const auto target = targetOf(R"({"mappings": )" + std::string(mappings) + "}");
  return mapUser(target.mapping, context, *parsed(user).object());
}

std::string member(const Result<json::Object>& user, std::string_view name) {
  if (!user) return user.error().detail;
  const auto* value = user->find(name);
  return value == nullptr ? "" : json::write(*value);
}

TEST(OutboundMapping, SendsTheCoreAttributesAsTheyAreWithOurIdAsExternalId) {
  const auto user = mapped("[]");
  ASSERT_TRUE(user);
  EXPECT_EQ(json::write(*user),
            R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada",)"
            R"("title":"Countess","name":{"givenName":"Ada","familyName":"Lovelace"},)"
            R"("emails":[{"value":"home@x.org","type":"home"},{"value":"work@x.org",)"
            R"("type":"work"}],"externalId":"u1","active":true})");
}

TEST(OutboundMapping, SaysActiveWhetherTheUserDoesOrNot) {
  EXPECT_EQ(member(mapped("[]"), "active"), "true");
  const char* kLocked = R"({"id": "u1", "userName": "ada", "active": false})";
  EXPECT_EQ(member(mapped("[]", kLocked), "active"), "false");
  EXPECT_EQ(member(mapped(R"([{"target": "title", "constant": "x"}])", kLocked), "active"),
            "false");
}

TEST(OutboundMapping, PutsEachSourceWhereItsRowSays) {
  const std::string urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
  struct Row {
    std::string mapping;
    std::string member;
    std::string value;
  };
  const std::vector<Row> rows = {
      {R"({"target": "userName", "source": "emails[type eq \"work\"].value"})", "userName",
       R"("work@x.org")"},
      {R"({"target": "displayName", "source": "name.givenName"})", "displayName", R"("Ada")"},
      {R"({"target": "name.familyName", "source": "title"})", "name",
       R"({"familyName":"Countess"})"},
      {R"({"target": "title", "source": ")" + urn + R"(:department"})", "title", R"("Math")"},
      {R"({"target": ")" + urn + R"(:department", "constant": "HR"})", urn,
       R"({"department":"HR"})"},
      {R"({"target": "externalId", "source": "externalId"})", "externalId", R"("e1")"},
      {R"({"target": "emails[type eq \"work\"].value", "source": "userName"})", "emails",
       R"([{"value":"ada","type":"work"}])"},
      {R"({"target": "name", "source": "name"})", "name",
       R"({"familyName":"Lovelace","givenName":"Ada"})"},
      {R"({"target": "active", "constant": false})", "active", "false"},
      {R"({"target": "nickName", "source": "nickName"})", "nickName", ""},
  };
  for (const auto& row : rows) {
    const auto user = mapped("[" + row.mapping + "]");
    EXPECT_EQ(member(user, row.member), row.value) << row.mapping;
    EXPECT_NE(member(user, "userName"), "") << row.mapping;
  }
}

TEST(OutboundMapping, SendsNothingButWhatTheRowsSay) {
  const auto user = mapped(R"([{"target": "displayName", "source": "userName"}])");
  ASSERT_TRUE(user);
  EXPECT_EQ(user->find("title"), nullptr);
  EXPECT_EQ(user->find("emails"), nullptr);
  EXPECT_EQ(member(user, "externalId"), R"("u1")");
}

TEST(OutboundMapping, RefusesAValueThatTheAttributeCannotHave) {
  const auto user = mapped(R"([{"target": "active", "source": "title"}])");
  ASSERT_FALSE(user);
  EXPECT_EQ(user.error().kind, ErrorKind::kInvalidValue);
}

TEST(OutboundMapping, SendsOfAGroupItsNameAndOurIdAndNoMembers) {
  const auto context = contextOfSchemas();
  const auto group =
      mapGroup(context, *parsed(R"({"id": "g1", "displayName": "staff", "externalId": "x",
                           "members": [{"value": "u1"}], "meta": {}})")
                             .object());
  EXPECT_EQ(json::write(group),
            R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"staff",)"
            R"("externalId":"g1"})");
}

}  // namespace
}  // namespace vestibule::outbound::test
