#include "scim/resource/validate.h"

#include <gtest/gtest.h>

#include "json/write.h"
#include "scim/path/attribute_path.h"
#include "support/scim_schemas.h"

namespace vestibule::scim {
namespace {

using test::parsed;
using test::schemas;

constexpr const char* kUserUrn = "urn:ietf:params:scim:schemas:core:2.0:User";
constexpr const char* kEnterpriseUrn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A body with `schemas`, the naming attribute and what else a probe must have, and `members`
/// (without braces).
json::Value probeBody(const std::string& members) {
  std::string text = R"({"schemas":["urn:vestibule:test:1.0:Probe"],"label":"a","parts":["p"])";
  if (!members.empty()) text += "," + members;
  return parsed(text + "}");
}

json::Value userBody(const std::string& members) {
  std::string text = R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"u")";
  if (!members.empty()) text += "," + members;
  return parsed(text + "}");
}

Result<ValidResource> createProbe(const std::string& members, Tolerating tolerating = {},
                                  const ResourceLimits& limits = {}) {
  return validateCreate(*schemas().registry, *schemas().probe, probeBody(members), tolerating,
                        limits);
}

Result<ValidResource> createUser(const json::Value& body, Tolerating tolerating = {}) {
  return validateCreate(*schemas().registry, *schemas().user, body, tolerating);
}

/// What is stored of `members`, without what every probe has.
std::string storedOf(const Result<ValidResource>& valid) {
  if (!valid) return "error: " + valid.error().detail;
  json::Object rest = valid->attributes;
  for (const char* key : {"schemas", "label", "userName", "parts"}) rest.erase(key);
  return json::write(rest);
}

Tolerances strict() { return {}; }

TEST(ValidateCreate, A4_StoresValuesByTheirTypes) {
  struct Case {
    const char* members;
    const char* stored;
  };
  const Case cases[] = {
      {R"("text":"x")", R"({"text":"x"})"},
      {R"("TEXT":"x")", R"({"text":"x"})"},
      {R"("flag":false)", R"({"flag":false})"},
      {R"("flag":"True")", R"({"flag":true})"},
      {R"("flag":"false")", R"({"flag":false})"},
      {R"("count":9223372036854775807)", R"({"count":9223372036854775807})"},
      {R"("count":-0)", R"({"count":0})"},
      {R"("ratio":1.10)", R"({"ratio":1.10})"},
      {R"("ratio":3)", R"({"ratio":3})"},
      {R"("at":"2011-05-13T06:42:34+02:00")", R"({"at":"2011-05-13T06:42:34+02:00"})"},
      {R"("blob":"aGVsbG8")", R"({"blob":"aGVsbG8"})"},
      {R"("blob":"aGVsbG8=")", R"({"blob":"aGVsbG8="})"},
      {R"("link":"../Users/1")", R"({"link":"../Users/1"})"},
      // Unassigned in every way (A11).
      {R"("text":null)", "{}"},
      {R"("text":"")", "{}"},
      {R"("tags":[])", "{}"},
      {R"("tags":null)", "{}"},
      {R"("tags":"")", "{}"},
      {R"("tags":[null,""])", "{}"},
      {R"("details":{})", "{}"},
      {R"("details":"")", "{}"},
      {R"("details":{"note":null})", "{}"},
      {R"("items":[{},{"note":""}])", "{}"},
      // Lists.
      {R"("tags":["b","a"])", R"({"tags":["b","a"]})"},
      {R"("tags":["a","A","b"])", R"({"tags":["a","b"]})"},
      {R"("codes":[1,2,1])", R"({"codes":[1,2]})"},
      // Complex attributes: names and order of the schema; readOnly parts of the client are not
      // kept.
      {R"("details":{"SIZE":1,"note":"n"})", R"({"details":{"note":"n","size":1}})"},
      {R"("details":{"shown":"x"})", "{}"},
      {R"("details":"v")", R"({"details":{"value":"v"}})"},
      {R"("items":["v"])", R"({"items":[{"value":"v"}]})"},
      {R"("items":[{"primary":"True","value":"v"}])",
       R"({"items":[{"value":"v","primary":true}]})"},
      // The same type and value is one element (A10); which is primary is not lost.
      {R"("items":[{"value":"v","type":"a"},{"value":"V","type":"A","primary":true,"note":"n"}])",
       R"({"items":[{"value":"v","type":"a","primary":true}]})"},
      {R"("items":[{"value":"v","type":"a"},{"value":"v","type":"b"},{"value":"v"}])",
       R"({"items":[{"value":"v","type":"a"},{"value":"v","type":"b"},{"value":"v"}]})"},
      // Without a `value`, elements are the same when all their parts are.
      {R"("pairs":[{"left":"a","right":"b"},{"right":"b","left":"a"},{"left":"a"}])",
       R"({"pairs":[{"left":"a","right":"b"},{"left":"a"}]})"},
      // readOnly attributes are ignored, of whatever type (C2).
      {R"("computed":7,"id":[],"meta":"x")", "{}"},
      {R"("externalId":"x","text":"t")", R"({"externalId":"x","text":"t"})"},
      {R"("secret":"s","hidden":"h")", R"({"secret":"s","hidden":"h"})"},
  };
  for (const Case& test_case : cases) {
    SCOPED_TRACE(test_case.members);
    EXPECT_EQ(storedOf(createProbe(test_case.members)), test_case.stored);
  }
}

TEST(ValidateCreate, C5_S4_S7_RefusesWrongValuesNamingTheAttribute) {
  struct Case {
    const char* members;
    const char* attribute;
    const char* reason;
  };
  const Case cases[] = {
      {R"("text":1)", "text", "must be a string, not number"},
      {R"("text":true)", "text", "must be a string, not boolean"},
      {R"("text":["a"])", "text", "must be a string, not array"},
      {R"("text":{})", "text", "must be a string, not object"},
      {R"("flag":"yes")", "flag", "true or false"},
      {R"("flag":1)", "flag", "true or false"},
      {R"("flag":0)", "flag", "true or false"},
      {R"("flag":"1")", "flag", "true or false"},
      {R"("flag":" true")", "flag", "true or false"},
      {R"("flag":[true])", "flag", "true or false"},
      {R"("count":1.0)", "count", "an integer"},
      {R"("count":1e2)", "count", "an integer"},
      {R"("count":9223372036854775808)", "count", "an integer"},
      {R"("count":"1")", "count", "an integer"},
      {R"("ratio":"1.5")", "ratio", "a number"},
      {R"("at":"2011-05-13")", "at", "a date with time"},
      {R"("at":"2011-02-30T00:00:00Z")", "at", "a date with time"},
      {R"("at":1305261754)", "at", "must be a string"},
      {R"("blob":"not base64!")", "blob", "base64"},
      {R"("blob":"a")", "blob", "base64"},
      {R"("link":"a\tb")", "link", "a URI"},
      {R"("tags":"a")", "tags", "must be an array"},
      {R"("tags":[["a"]])", "tags", "must be a string, not array"},
      {R"("items":{"value":"v"})", "items", "must be an array"},
      {R"("items":[7])", "items", "must be an object"},
      {R"("items":[{"value":{"value":"v"}}])", "items.value", "must be a string"},
      {R"("pairs":["a"])", "pairs", "must be an object"},
      {R"("details":[])", "details", "must be an object"},
      {R"("details":{"size":"big"})", "details.size", "an integer"},
      // S7: a required part, on each element.
      {R"("items":[{"value":"v"},{"note":"n"}])", "items.value", "is required"},
      // S4.
      {R"("items":[{"value":"v","primary":true},{"value":"w","primary":true}])", "items",
       "only one element of 'items' can be primary"},
      {R"("urn:vestibule:test:extra:1.0:Probe":"x")", "urn:vestibule:test:extra:1.0:Probe",
       "must be an object"},
      {R"("urn:vestibule:test:extra:1.0:Probe":{"color":1})",
       "urn:vestibule:test:extra:1.0:Probe:color", "must be a string"},
      {R"("externalId":1)", "externalId", "must be a string"},
      {R"("label":"")", "label", "is required"},
      {R"("label":null)", "label", "is required"},
      {R"("parts":[])", "parts", "is required"},
      {R"("parts":[""])", "parts", "is required"},
  };
  for (const Case& test_case : cases) {
    SCOPED_TRACE(test_case.members);
    json::Value body = probeBody("");
    const json::Value members = parsed("{" + std::string(test_case.members) + "}");
    for (const json::Member& member : *members.object()) {
      body.object()->set(member.key, member.value);
    }
    const auto valid = validateCreate(*schemas().registry, *schemas().probe, body);
    ASSERT_FALSE(valid.has_value()) << storedOf(valid);
    EXPECT_EQ(valid.error().kind, ErrorKind::kInvalidValue);
    EXPECT_EQ(valid.error().attribute, test_case.attribute);
    EXPECT_NE(valid.error().detail.find(test_case.reason), std::string::npos)
        << valid.error().detail;
    EXPECT_NE(valid.error().detail.find(test_case.attribute), std::string::npos)
        << valid.error().detail;
  }
}

TEST(ValidateCreate, S3_RefusesBodiesThatAreNoResource) {
  for (const char* body :
       {"null", "[]", "\"x\"", "7", "true", "{}", R"({"userName":"u"})",
        R"({"schemas":null,"userName":"u"})", R"({"schemas":[],"userName":"u"})",
        R"({"schemas":"urn:ietf:params:scim:schemas:core:2.0:User"})",
        R"({"schemas":[1],"userName":"u"})", R"({"schemas":[null]})", R"({"schemas":{}})",
        R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"userName":"u"})",
        R"({"schemas":["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]})"}) {
    SCOPED_TRACE(body);
    const auto valid = createUser(parsed(body));
    ASSERT_FALSE(valid.has_value());
    EXPECT_EQ(valid.error().kind, ErrorKind::kInvalidSyntax);
  }
}

TEST(ValidateCreate, A12_SchemasAreWhatTheResourceHasValuesOf) {
  const auto schemasOf = [](const std::string& sent, const std::string& members) {
    const auto valid = createUser(parsed(R"({"userName":"u","schemas":)" + sent +
                                         (members.empty() ? "" : "," + members) + "}"));
    return valid ? json::write(*valid->attributes.find("schemas")) : valid.error().detail;
  };
  const std::string user = std::string("\"") + kUserUrn + "\"";
  const std::string enterprise = std::string("\"") + kEnterpriseUrn + "\"";
  const std::string with_value = enterprise + R"(:{"department":"d"})";
  EXPECT_EQ(schemasOf("[" + user + "," + enterprise + "]", ""), "[" + user + "]");
  EXPECT_EQ(schemasOf("[" + enterprise + "," + user + "]", with_value),
            "[" + user + "," + enterprise + "]");
  EXPECT_EQ(schemasOf("[" + user + "]", with_value), "[" + user + "," + enterprise + "]");
  EXPECT_EQ(schemasOf("[" + user + "," + user + "]", ""), "[" + user + "]");
  EXPECT_EQ(schemasOf(R"(["URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:USER"])", ""), "[" + user + "]");
  EXPECT_EQ(schemasOf("[" + user + "]", enterprise + R"(:{"department":null})"), "[" + user + "]");
  EXPECT_EQ(schemasOf("[" + user + "]", enterprise + ":null"), "[" + user + "]");
}

TEST(ValidateCreate, C8_UnknownSchemaUrisAreDroppedOrRefused) {
  const json::Value body = parsed(R"({"userName":"u","schemas":[
    "urn:ietf:params:scim:schemas:core:2.0:User","http://schemas.microsoft.com/2006/11/x"]})");
  const auto valid = createUser(body);
  ASSERT_TRUE(valid.has_value()) << valid.error().detail;
  EXPECT_EQ(valid->dropped, std::vector<std::string>{"http://schemas.microsoft.com/2006/11/x"});
  const Tolerances tolerances = defaultTolerances().without(Tolerance::kUnknownSchemaUris);
  EXPECT_EQ(createUser(body, tolerances).error().kind, ErrorKind::kInvalidSyntax);
}

TEST(ValidateCreate, C7_UnknownAttributesAreDroppedOrRefused) {
  struct Case {
    const char* members;
    const char* dropped;
  };
  const Case cases[] = {
      {R"("color":"red")", "color"},
      {R"("name":{"nick":"b"})", "name.nick"},
      {R"("emails":[{"value":"a@x","since":"2020"}])", "emails.since"},
      {R"("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"floor":1})",
       "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:floor"},
      {R"("urn:example:other":{"a":1})", "urn:example:other"},
      // What another schema has is unknown here.
      {R"("members":[{"value":"g"}])", "members"},
      {R"("employeeNumber":"7")", "employeeNumber"},
      {R"("urn:ietf:params:scim:schemas:core:2.0:Group":{"displayName":"g"})",
       "urn:ietf:params:scim:schemas:core:2.0:Group"},
      {R"("name.givenName":"b")", "name.givenName"},
  };
  const Tolerances refusing = defaultTolerances().without(Tolerance::kUnknownAttributes);
  for (const Case& test_case : cases) {
    SCOPED_TRACE(test_case.members);
    const auto valid = createUser(userBody(test_case.members));
    ASSERT_TRUE(valid.has_value()) << valid.error().detail;
    EXPECT_EQ(valid->dropped, std::vector<std::string>{test_case.dropped});
    const auto refused = createUser(userBody(test_case.members), refusing);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidSyntax);
    EXPECT_EQ(refused.error().attribute, test_case.dropped);
  }
}

TEST(ValidateCreate, S2_NamesOutsideAsciiAreRefusedEvenWhereUnknownOnesAreDropped) {
  for (const char* members :
       {R"("größe":1)", R"("userNаme":"cyrillic a")", R"("name":{"gιven":"x"})", R"("a b":1)",
        R"("":1)", R"("a\u0001":1)"}) {
    SCOPED_TRACE(members);
    const auto valid = createUser(userBody(members));
    ASSERT_FALSE(valid.has_value());
    EXPECT_EQ(valid.error().kind, ErrorKind::kInvalidSyntax);
  }
}

TEST(ValidateCreate, C10_ANameOfWhiteSpaceIsNone) {
  for (const char* name : {" ", "\\t\\n", "\u00A0", "\u3000\u2003", "\u200B", "\uFEFF "}) {
    SCOPED_TRACE(name);
    const auto body =
        parsed(std::string(R"({"schemas":[")") + kUserUrn + R"("],"userName":")" + name + "\"}");
    const auto valid = createUser(body);
    ASSERT_FALSE(valid.has_value());
    EXPECT_EQ(valid.error().kind, ErrorKind::kInvalidValue);
    EXPECT_EQ(valid.error().attribute, "userName");
  }
  EXPECT_TRUE(createUser(userBody("")).has_value());
  // S33: length is the policies' matter.
  const json::Value long_name = json::Object{{"schemas", json::Array{json::Value(kUserUrn)}},
                                             {"userName", std::string(300, 'x') + "\U0001F600"}};
  EXPECT_TRUE(createUser(long_name).has_value());
}

TEST(ValidateCreate, C5_RequiredAttributesMustBeThere) {
  const auto valid = createUser(
      parsed(R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"displayName":"x"})"));
  ASSERT_FALSE(valid.has_value());
  EXPECT_EQ(valid.error().kind, ErrorKind::kInvalidValue);
  EXPECT_EQ(valid.error().detail, "'userName' is required");
}

TEST(ValidateCreate, A20_RelationsAreNotPartOfTheStoredResource) {
  EXPECT_EQ(storedOf(createUser(userBody(R"("groups":[{"value":"1"}])"))), "{}");
  EXPECT_EQ(storedOf(createUser(userBody(R"("groups":[])"))), "{}");
  const auto group =
      validateCreate(*schemas().registry, *schemas().group,
                     parsed(R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],
      "displayName":"T","members":[{"value":"1"}],"meta":{"resourceType":"User"}})"));
  ASSERT_TRUE(group.has_value()) << group.error().detail;
  EXPECT_EQ(json::write(group->attributes),
            R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"T"})");
}

TEST(ValidateCreate, A9_S6_CanonicalValuesAreSuggestionsAndKeepTheirSpelling) {
  EXPECT_EQ(storedOf(createUser(userBody(R"("emails":[{"value":"a@x","type":"Werk"}])"))),
            R"({"emails":[{"value":"a@x","type":"Werk"}]})");
  EXPECT_EQ(storedOf(createUser(userBody(R"("emails":[{"value":"a@x","type":"WORK"}])"))),
            R"({"emails":[{"value":"a@x","type":"WORK"}]})");
}

TEST(ValidateCreate, LimitsAreAppliedAndNamed) {
  ResourceLimits limits;
  limits.string_bytes = 10;
  limits.elements = 2;
  EXPECT_TRUE(createProbe(R"("text":"0123456789","tags":["a","b"])", {}, limits).has_value());
  const auto too_long = createProbe(R"("text":"0123456789a")", {}, limits);
  ASSERT_FALSE(too_long.has_value());
  EXPECT_EQ(too_long.error().kind, ErrorKind::kInvalidValue);
  EXPECT_EQ(too_long.error().detail, "'text' must be at most 10 bytes long");
  const auto too_many = createProbe(R"("tags":["a","a","a"])", {}, limits);
  ASSERT_FALSE(too_many.has_value());
  EXPECT_EQ(too_many.error().detail, "'tags' must be at most 2 values");
  EXPECT_FALSE(createProbe(R"("blob":"AAAAAAAAAAAA")", {}, limits).has_value());
  EXPECT_FALSE(createProbe(R"("items":[{"value":"0123456789a"}])", {}, limits).has_value());
}

TEST(ValidateCreate, EachToleranceCanBeSwitchedOff) {
  for (const char* members : {R"("flag":"True")", R"("details":"v")", R"("items":["v"])",
                              R"("tags":"")", R"("at":"")", R"("link":"")", R"("count":"")"}) {
    SCOPED_TRACE(members);
    EXPECT_TRUE(createProbe(members).has_value());
    EXPECT_EQ(createProbe(members, strict()).error().kind, ErrorKind::kInvalidValue);
  }
  EXPECT_EQ(storedOf(createProbe(R"("text":"")", strict())), R"({"text":""})");
  // Not even then is an empty text a value that a required attribute can have.
  json::Value body = probeBody("");
  body.object()->set("label", "");
  EXPECT_FALSE(validateCreate(*schemas().registry, *schemas().probe, body, strict()).has_value());
}

TEST(ValidateCreate, X0_LegacySchemaUrisMeanTheCurrentOnes) {
  const char* const bodies[] = {
      R"({"schemas":["urn:scim:schemas:core:1.0","urn:scim:schemas:extension:enterprise:1.0"],"userName":"u",
          "urn:scim:schemas:extension:enterprise:1.0":{"department":"d"}})",
      R"({"schemas":["urn:scim:schemas:core:2.0","urn:scim:schemas:extension:enterprise:2.0"],"userName":"u",
          "urn:scim:schemas:extension:enterprise:2.0":{"department":"d"}})",
      R"({"schemas":["URN:scim:schemas:core:2.0:User"],"userName":"u",
          "urn:scim:schemas:extension:enterprise:2.0:User":{"department":"d"}})"};
  for (const char* text : bodies) {
    SCOPED_TRACE(text);
    const auto valid = createUser(parsed(text));
    ASSERT_TRUE(valid.has_value()) << valid.error().detail;
    EXPECT_TRUE(valid->dropped.empty());
    EXPECT_EQ(
        json::write(valid->attributes),
        R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User",)"
        R"("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"userName":"u",)"
        R"("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"d"}})");
    const Tolerances tolerances = defaultTolerances().without(Tolerance::kLegacySchemaUris);
    EXPECT_EQ(createUser(parsed(text), tolerances).error().kind, ErrorKind::kInvalidSyntax);
  }
  EXPECT_FALSE(
      createUser(parsed(R"({"schemas":["urn:scim:schemas:core:2.0:Group"],"userName":"u"})"))
          .has_value());
}

TEST(ValidateCreate, ThePasswordStaysInForTheDirectoryToTakeOut) {
  EXPECT_EQ(storedOf(createUser(userBody(R"("password":"t1meMa$heen")"))),
            R"({"password":"t1meMa$heen"})");
}

TEST(ValidateCreate, A14_ARequiredExtensionMustBeThereWithItsRequiredAttributes) {
  std::vector<SchemaFile> files = test::shippedSchemas();
  std::erase_if(files,
                [](const SchemaFile& file) { return file.name == "resource-type-user.json"; });
  files.push_back({"badge.json", R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Schema"],
    "id":"urn:example:badge","attributes":[{"name":"number","type":"integer","required":true},
    {"name":"color"}]})"});
  const auto load = [&](const char* required) {
    std::vector<SchemaFile> all = files;
    all.push_back(
        {"resource-type-user.json",
         std::string(
             R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],"name":"User",
      "endpoint":"/Users","schema":"urn:ietf:params:scim:schemas:core:2.0:User",
      "schemaExtensions":[{"schema":"urn:example:badge","required":)") +
             required + R"(}],"x-vestibule":{"namingAttribute":"userName"}})"});
    auto registry = Registry::load(all);
    EXPECT_TRUE(registry.has_value()) << registry.error().detail;
    return *registry;
  };
  const auto errorOf = [](const Registry& registry, const std::string& members) {
    const auto valid =
        validateCreate(registry, *registry.findResourceType("User"), userBody(members));
    return valid ? "" : valid.error().detail;
  };
  const auto required = load("true");
  EXPECT_EQ(errorOf(*required, ""), "'urn:example:badge:number' is required");
  EXPECT_EQ(errorOf(*required, R"("urn:example:badge":{"color":"red"})"),
            "'urn:example:badge:number' is required");
  EXPECT_EQ(errorOf(*required, R"("urn:example:badge":{"number":7})"), "");
  const auto optional = load("false");
  EXPECT_EQ(errorOf(*optional, ""), "");
  EXPECT_EQ(errorOf(*optional, R"("urn:example:badge":{"color":"red"})"),
            "'urn:example:badge:number' is required");
}

TEST(CanonicalValue, TakesOneBareValueForAList) {
  const Registry& registry = *schemas().registry;
  const auto canonical = [&](const char* path, const char* value) {
    const auto ref = resolveAttribute(registry, *schemas().probe, path, ErrorKind::kInvalidPath);
    const auto result = canonicalValue(*ref, parsed(value));
    return result ? json::write(*result) : "error: " + result.error().detail;
  };
  EXPECT_EQ(canonical("tags", R"("a")"), R"(["a"])");
  EXPECT_EQ(canonical("items", R"({"VALUE":"v"})"), R"([{"value":"v"}])");
  EXPECT_EQ(canonical("items", R"({"note":"n"})"), R"([{"note":"n"}])");
  EXPECT_EQ(canonical("items.primary", R"("TRUE")"), "true");
  EXPECT_EQ(canonical("details.note", "null"), "null");
  EXPECT_EQ(canonical("details", "{}"), "null");
  EXPECT_EQ(canonical("tags", "[]"), "null");
  EXPECT_EQ(canonical("computed", R"("c")"), R"("c")");
  EXPECT_EQ(canonical("count", R"("1")"),
            "error: 'count' must be an integer of 64 bits, without fraction or exponent");
}

TEST(Finish, PutsEverythingInOrderAndDropsWhatDoesNotBelong) {
  const auto finished = finish(*schemas().registry, *schemas().probe,
                               *parsed(R"({
    "urn:vestibule:test:extra:1.0:Probe":{"owner":{"displayName":"D"},"color":"red","gone":1},
    "tags":[],"items":[{"note":"n","value":"v"},{}],"parts":["p"],"id":"1","meta":{},"unknown":1,
    "urn:example:removed":{"a":1},"externalId":"e","computed":"c","label":"a","schemas":["old"]})")
                                    .object());
  ASSERT_TRUE(finished.has_value()) << finished.error().detail;
  EXPECT_EQ(
      json::write(*finished),
      R"({"schemas":["urn:vestibule:test:1.0:Probe","urn:vestibule:test:extra:1.0:Probe"],"label":"a",)"
      R"("externalId":"e","computed":"c","parts":["p"],"items":[{"value":"v","note":"n"}],)"
      R"("urn:vestibule:test:extra:1.0:Probe":{"color":"red","owner":{"displayName":"D"}}})");
}

}  // namespace
}  // namespace vestibule::scim
