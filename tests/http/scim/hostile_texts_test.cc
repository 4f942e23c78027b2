// Quotes, wildcards, SQL and the like in every place of a request that takes a text.

#include <algorithm>

#include "http/scim/own_domain.h"
#include "support/hostile_texts.h"

namespace vestibule::test {
namespace {

class HostileTexts : public OwnDomain {
 protected:
  static std::string quoted(const std::string& text) { return json::write(json::Value(text)); }
  static std::string search(const std::string& member, const std::string& value) {
    return R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],")" + member +
           "\":" + quoted(value) + "}";
  }
};

TEST_F(HostileTexts, AreValuesAndNothingElse) {
  const auto& texts = hostileTexts();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string literal = quoted(texts[i]);
    const json::Value made = make(
        "/Users",
        user("u" + std::to_string(i), R"(,"externalId":)" + literal + R"(,"title":)" + literal));
    EXPECT_EQ(made.stringAt("externalId"), texts[i]);
    const json::Value found =
        read("/Users?attributes=title&filter=" + percentEncode("externalId eq " + literal));
    ASSERT_EQ(found.find("Resources")->array()->size(), 1U) << literal;
    EXPECT_EQ((*found.find("Resources")->array())[0].stringAt("title"), texts[i]);
  }
  EXPECT_EQ(totalOf("userName pr"), static_cast<std::int64_t>(texts.size()));
}

TEST_F(HostileTexts, AreRefusedWhereNoValueStands) {
  const json::Value ann = make("/Users", user("ann", R"(,"title":"t")"));
  const json::Value crew = make("/Groups", group("crew", members({idOf(ann)})));
  const std::string one = "/Users/" + idOf(ann);
  for (const std::string& hostile : hostileTexts()) {
    SCOPED_TRACE(quoted(hostile));
    const std::string encoded = percentEncode(hostile);
    const auto get = [&](const std::string& target) {
      const Answer answer = send("GET", target + encoded);
      EXPECT_TRUE(answer.status == 400 || answer.status == 404)
          << target << ": " << answer.status << answer.body;
      EXPECT_EQ(answer.json().stringAt("status"), std::to_string(answer.status)) << answer.body;
    };
    for (const char* target :
         {"/Users/", "/Groups/", "/Schemas/", "/ResourceTypes/", "/", "/Users?startIndex=",
          "/Users?count=", "/Users?cursor=", "/Users?sortBy=", "/Users?sortBy=userName&sortOrder=",
          "/Users?domain=", "/Users?filter=", "/Users?filter=title%20pr%20or%20",
          "/Users?filter=emails%5Btype%20pr%20and%20"}) {
      get(target);
    }
    expectError(send("POST", "/Users/.search", search("sortBy", hostile)), 400, "invalidValue");
    expectError(send("POST", "/Users/.search", search("cursor", hostile)), 400, "invalidCursor");
    for (const std::string& filter :
         {hostile + R"( eq "x")", "title " + hostile + R"( "x")",
          "urn:" + hostile + R"(:userName eq "x")", "name." + hostile + " pr",
          R"(title eq "x" )" + hostile, "emails[" + hostile + R"( eq "x"])"}) {
      expectError(send("POST", "/Users/.search", search("filter", filter)), 400, "invalidFilter");
    }
    for (const std::string& path :
         {hostile, "name." + hostile, "emails[" + hostile + "]",
          R"(emails[type eq "work"].)" + hostile, std::string(kEnterprise) + ":" + hostile}) {
      const Answer answer =
          send("PATCH", one, patch(R"({"op":"replace","value":"x","path":)" + quoted(path) + "}"));
      EXPECT_EQ(answer.status, 400) << path << answer.body;
      EXPECT_TRUE(answer.json().stringAt("scimType") == "invalidPath" ||
                  answer.json().stringAt("scimType") == "invalidFilter")
          << path << answer.body;
    }
    expectError(
        send("PATCH", one, patch(R"({"path":"title","value":"x","op":)" + quoted(hostile) + "}")),
        400, "invalidSyntax");
    const bool fits_a_header = std::none_of(hostile.begin(), hostile.end(),
                                            [](unsigned char c) { return c < 0x20 || c == 0x7F; });
    if (fits_a_header) {
      for (const std::string& tags : {hostile, "\"1\", " + hostile, "W/\"x" + hostile + "\""}) {
        const Answer answer = send("PUT", one, user("changed"), {"If-Match: " + tags});
        EXPECT_TRUE(answer.status == 400 || answer.status == 412)
            << tags << ": " << answer.status << answer.body;
      }
    }
  }
  EXPECT_EQ(read(one).stringAt("title"), "t");
  EXPECT_EQ(metaOf(read(one), "version"), metaOf(ann, "version"));
  EXPECT_EQ(metaOf(read("/Groups/" + idOf(crew)), "version"), metaOf(crew, "version"));
  EXPECT_EQ(totalOf("userName pr"), 1);
}

TEST_F(HostileTexts, MayBeBulkIdsOfTheirOwnRequest) {
  const json::Value ann = make("/Users", user("ann"));
  const auto run = [&](const std::string& operations) {
    const Answer answer =
        send("POST", "/Bulk",
             R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[)" +
                 operations + "]}");
    EXPECT_EQ(answer.status, 200) << answer.body;
    const json::Value message = answer.json();
    const auto* results = message.find("Operations");
    return results != nullptr && results->isArray() ? *results->array() : json::Array();
  };
  int number = 0;
  for (const std::string& hostile : hostileTexts()) {
    const std::string literal = quoted(hostile);
    SCOPED_TRACE(literal);
    const std::string name = std::to_string(++number);
    const std::string members = R"(,"members":[{"value":)" + quoted("bulkId:" + hostile) + "}]";
    const json::Array results =
        run(R"({"method":"POST","path":"/Groups","bulkId":"group","data":)" +
            group("g" + name, members) + R"(},{"method":"POST","path":"/Users","bulkId":)" +
            literal + R"(,"data":)" + user("u" + name) + R"(},{"method":"DELETE","path":)" +
            quoted("/Users/" + hostile) + R"(},{"method":"PUT","path":"/Users/)" + idOf(ann) +
            R"(","version":)" + literal + R"(,"data":)" + user("changed") + "}");
    ASSERT_EQ(results.size(), 4U);
    EXPECT_EQ(results[0].stringAt("status"), "201");
    EXPECT_EQ(results[1].stringAt("status"), "201");
    EXPECT_EQ(results[1].stringAt("bulkId"), hostile);
    const std::string deleted = text(results[2], "status");
    EXPECT_TRUE(deleted == "404" || deleted == "400") << deleted;
    EXPECT_EQ(results[3].stringAt("status"), "412");
    const std::string location = text(results[1], "location");
    const json::Value found = read("/Groups?filter=displayName%20eq%20%22g" + name + "%22");
    EXPECT_EQ(idsIn((*found.find("Resources")->array())[0], "members"),
              std::vector<std::string>{location.substr(location.rfind('/') + 1)});
    // A bulkId of another request names nobody.
    const json::Array after = run(R"({"method":"POST","path":"/Groups","bulkId":"later","data":)" +
                                  group("later", members) + "}");
    ASSERT_EQ(after.size(), 1U);
    EXPECT_EQ(after[0].stringAt("status"), "400");
  }
  EXPECT_EQ(read("/Users/" + idOf(ann)), ann);
  EXPECT_EQ(totalOf("displayName eq \"later\"", "/Groups"), 0);
}

}  // namespace
}  // namespace vestibule::test
