#include "scim/resource/project.h"

#include <gtest/gtest.h>

#include "json/write.h"
#include "scim/path/attribute_path.h"
#include "support/scim_schemas.h"

namespace vestibule::scim {
namespace {

using test::parsed;
using test::schemas;

using Lists = std::vector<std::string>;

constexpr const char* kResource = R"({"id":"1","schemas":["s"],"userName":"u","externalId":"e",
  "name":{"familyName":"F","givenName":"G"},"password":"never",
  "emails":[{"value":"a@x","type":"work"},{"value":"b@x"}],"groups":[{"value":"g","display":"G"}],
  "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"d","manager":{"value":"m"}},
  "urn:example:removed":{"a":1},"meta":{"resourceType":"User","version":"v"}})";

std::string shown(const Lists& attributes, const Lists& excluded) {
  const auto projection =
      Projection::parse(*schemas().registry, *schemas().user, attributes, excluded);
  if (!projection) return "error: " + projection.error().detail;
  json::Object result = projection->apply(*schemas().user, *parsed(kResource).object());
  // Both are there whatever is asked.
  EXPECT_TRUE(result.erase("id"));
  EXPECT_TRUE(result.erase("schemas"));
  return json::write(result);
}

TEST(Projection, D6_D7_D8_S25_AttributesShowWhatTheyName) {
  struct Case {
    Lists attributes;
    const char* expected;
  };
  const std::string enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
  const Case cases[] = {
      {{"userName"}, R"({"userName":"u"})"},
      {{"USERNAME, externalid"}, R"({"userName":"u","externalId":"e"})"},
      {{"userName", "externalId"}, R"({"userName":"u","externalId":"e"})"},
      {{"name.givenName"}, R"({"name":{"givenName":"G"}})"},
      {{"name.givenName,name"}, R"({"name":{"familyName":"F","givenName":"G"}})"},
      {{"emails.type"}, R"({"emails":[{"type":"work"}]})"},
      {{"emails[type eq \"work\"]"},
       R"({"emails":[{"value":"a@x","type":"work"},{"value":"b@x"}]})"},
      {{"emails[type eq \"a],b\"].type,userName"},
       R"({"userName":"u","emails":[{"type":"work"}]})"},
      {{"urn:ietf:params:scim:schemas:core:2.0:User:userName"}, R"({"userName":"u"})"},
      {{enterprise + ":department"},
       R"({"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"d"}})"},
      {{"URN:ietf:params:scim:schemas:extension:enterprise:2.0:user"},
       R"({"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"d","manager":{"value":"m"}}})"},
      {{"meta.version"}, R"({"meta":{"version":"v"}})"},
      {{"groups.value"}, R"({"groups":[{"value":"g"}]})"},
      {{"id"}, "{}"},
      {{"unknown"}, "{}"},
      {{"unknown,userName"}, R"({"userName":"u"})"},
      {{"password"}, "{}"},
      {{"emails.unknown"}, "{}"},
      {{"title"}, "{}"},
  };
  for (const Case& test_case : cases) {
    SCOPED_TRACE(test_case.attributes[0]);
    EXPECT_EQ(shown(test_case.attributes, {}), test_case.expected);
  }
}

TEST(Projection, D5_ExcludedAttributesAreLeftOut) {
  const Lists most = {
      "name,emails,groups,meta,externalId,"
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"};
  EXPECT_EQ(shown({}, most), R"({"userName":"u"})");
  EXPECT_EQ(shown({}, {most[0] + ",id,schemas,userName"}), "{}");
  EXPECT_EQ(shown({}, {"emails.value,groups,meta,externalId,name.givenName,"
                       "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"}),
            R"({"userName":"u","name":{"familyName":"F"},"emails":[{"type":"work"}],)"
            R"("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"d"}})");
  EXPECT_EQ(shown({}, {"urn:ietf:params:scim:schemas:core:2.0:User",
                       "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User,meta"}),
            R"({"externalId":"e"})");
}

TEST(Projection, A26_NothingAskedShowsAllThatIsNotHidden) {
  for (const Lists& nothing : {Lists{}, Lists{""}, Lists{",", " , "}}) {
    const auto projection =
        Projection::parse(*schemas().registry, *schemas().user, nothing, nothing);
    ASSERT_TRUE(projection.has_value());
    EXPECT_TRUE(projection->isDefault());
    const json::Object result = projection->apply(*schemas().user, *parsed(kResource).object());
    EXPECT_EQ(result.find("password"), nullptr);
    EXPECT_EQ(result.find("urn:example:removed"), nullptr);
    EXPECT_EQ(result.size(), 9U);
  }
}

TEST(Projection, D5_BothListsAreAnError) {
  EXPECT_EQ(shown({"userName"}, {"emails"}),
            "error: 'attributes' and 'excludedAttributes' exclude each other");
  const auto projection =
      Projection::parse(*schemas().registry, *schemas().user, {"userName"}, {"emails"});
  EXPECT_EQ(projection.error().kind, ErrorKind::kInvalidValue);
}

TEST(Projection, TellsWhetherARelationIsNeeded) {
  const auto showsIn = [](const Lists& attributes, const Lists& excluded, const char* path,
                          const ResourceType& type) {
    const auto projection = Projection::parse(*schemas().registry, type, attributes, excluded);
    return projection->shows(
        *resolveAttribute(*schemas().registry, type, path, ErrorKind::kInvalidPath));
  };
  const ResourceType& user = *schemas().user;
  const ResourceType& group = *schemas().group;
  EXPECT_TRUE(showsIn({}, {}, "members", group));
  EXPECT_FALSE(showsIn({}, {"members"}, "members", group));
  EXPECT_FALSE(showsIn({"id,displayName"}, {}, "members", group));
  EXPECT_TRUE(showsIn({"members.value"}, {}, "members", group));
  EXPECT_TRUE(showsIn({"members.value"}, {}, "members.value", group));
  EXPECT_FALSE(showsIn({"members.value"}, {}, "members.display", group));
  EXPECT_TRUE(showsIn({}, {"members.display"}, "members", group));
  EXPECT_FALSE(showsIn({}, {"members.display"}, "members.display", group));
  EXPECT_TRUE(showsIn({"userName"}, {}, "id", user));
  EXPECT_FALSE(showsIn({}, {}, "password", user));
}

/// A user with an extension that has a part of each `returned`.
std::shared_ptr<const Registry> registryWithEachReturned() {
  std::vector<SchemaFile> files = test::shippedSchemas();
  std::erase_if(files,
                [](const SchemaFile& file) { return file.name == "resource-type-user.json"; });
  files.push_back({"badge.json", R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Schema"],
    "id":"urn:example:badge","attributes":[{"name":"always","returned":"always"},{"name":"plain"},
    {"name":"asked","returned":"request"},{"name":"never","returned":"never"},
    {"name":"box","type":"complex","subAttributes":[{"name":"always","returned":"always"},{"name":"plain"},
      {"name":"asked","returned":"request"},{"name":"never","returned":"never"}]}]})"});
  files.push_back(
      {"resource-type-user.json",
       R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],"name":"User",
    "endpoint":"/Users","schema":"urn:ietf:params:scim:schemas:core:2.0:User",
    "schemaExtensions":[{"schema":"urn:example:badge"}],"x-vestibule":{"namingAttribute":"userName"}})"});
  auto registry = Registry::load(files);
  EXPECT_TRUE(registry.has_value()) << registry.error().detail;
  return *registry;
}

TEST(Projection, A26_FollowsTheReturnedCharacteristic) {
  const auto registry = registryWithEachReturned();
  const ResourceType& type = *registry->findResourceType("User");
  const json::Object resource = *parsed(R"({"id":"1","schemas":["s"],"userName":"u",
    "urn:example:badge":{"always":"1","plain":"2","asked":"3","never":"4",
    "box":{"always":"1","plain":"2","asked":"3","never":"4"}}})")
                                     .object();
  struct Case {
    Lists attributes, excluded;
    const char* badge;
  };
  const Case cases[] = {
      {{}, {}, R"({"always":"1","plain":"2","box":{"always":"1","plain":"2"}})"},
      {{"userName"}, {}, R"({"always":"1"})"},
      {{"urn:example:badge:asked"}, {}, R"({"always":"1","asked":"3"})"},
      {{"urn:example:badge:never"}, {}, R"({"always":"1"})"},
      {{"urn:example:badge"}, {}, R"({"always":"1","plain":"2","box":{"always":"1","plain":"2"}})"},
      {{"urn:example:badge:box"}, {}, R"({"always":"1","box":{"always":"1","plain":"2"}})"},
      {{"urn:example:badge:box.asked"}, {}, R"({"always":"1","box":{"always":"1","asked":"3"}})"},
      {{"urn:example:badge:box.never"}, {}, R"({"always":"1","box":{"always":"1"}})"},
      {{}, {"urn:example:badge"}, R"({"always":"1"})"},
      {{},
       {"urn:example:badge:always"},
       R"({"always":"1","plain":"2","box":{"always":"1","plain":"2"}})"},
      {{},
       {"urn:example:badge:box.always,urn:example:badge:box.plain"},
       R"({"always":"1","plain":"2","box":{"always":"1"}})"},
  };
  for (const Case& test_case : cases) {
    SCOPED_TRACE(test_case.badge);
    const auto projection =
        Projection::parse(*registry, type, test_case.attributes, test_case.excluded);
    ASSERT_TRUE(projection.has_value());
    const json::Object result = projection->apply(type, resource);
    ASSERT_NE(result.find("urn:example:badge"), nullptr);
    EXPECT_EQ(json::write(*result.find("urn:example:badge")), test_case.badge);
  }
}

TEST(Projection, NamingTheSameThingOftenIsNamingItOnce) {
  // If each element looked at each name, this would not end before the test's time is up.
  std::string names = "emails.value";
  for (int i = 0; i < 20'000; ++i) names += ",id,emails.value,urn:example:unknown";
  json::Array emails;
  for (int i = 0; i < 200'000; ++i) {
    emails.emplace_back(json::Object{{"value", "v"}, {"type", "work"}});
  }
  const json::Object user{{"id", "1"}, {"emails", std::move(emails)}};
  const auto projection = Projection::parse(*schemas().registry, *schemas().user, {names}, {});
  ASSERT_TRUE(projection);
  const json::Object result = projection->apply(*schemas().user, user);
  ASSERT_EQ(result.find("emails")->array()->size(), 200'000U);
  EXPECT_EQ(json::write(result.find("emails")->array()->front()), R"({"value":"v"})");
}

TEST(Projection, A26_AnAnswerShowsOnRequestAttributesThatTheClientSent) {
  const auto registry = registryWithEachReturned();
  const ResourceType& type = *registry->findResourceType("User");
  const json::Object resource =
      *parsed(
           R"({"id":"1","urn:example:badge":{"asked":"3","never":"4","box":{"plain":"2","asked":"3"}}})")
           .object();
  const Projection answer = Projection().answering(attributesIn(type, resource));
  EXPECT_EQ(json::write(answer.apply(type, resource)),
            R"({"id":"1","urn:example:badge":{"asked":"3","box":{"plain":"2","asked":"3"}}})");
  const json::Object sent = *parsed(R"({"urn:example:badge":{"asked":"3"}})").object();
  EXPECT_EQ(json::write(Projection().answering(attributesIn(type, sent)).apply(type, resource)),
            R"({"id":"1","urn:example:badge":{"asked":"3","box":{"plain":"2"}}})");
  // What the query says goes first.
  const auto asked = Projection::parse(*registry, type, {"userName"}, {});
  EXPECT_EQ(json::write(asked->answering(attributesIn(type, resource)).apply(type, resource)),
            R"({"id":"1"})");
}

}  // namespace
}  // namespace vestibule::scim
