#include "jit/transforms.h"

#include <gtest/gtest.h>

#include <string>

#include "jit/mapping.h"
#include "unit/jit/jit_fixture.h"

namespace vestibule::jit {
namespace {

using test::compile;
using test::parsed;
using test::provider;
using test::schemas;
using test::traced;

IdentityProvider transforming(const std::string& attribute, const std::string& transforms,
                              const std::string& rest = "") {
  return provider(R"({"claims": {"mappings": [{"idpClaim": "c", "attribute": ")" + attribute +
                  R"(", "transforms": )" + transforms + rest + "}]}}");
}

/// The attributes of a new user whose claim `c` this is, or the refusal.
std::string made(const IdentityProvider& idp, const json::Value& claim, Trace& trace) {
  const auto mapped = mapClaims(idp, {}, LoginKind::kCreates, json::Object{{"c", claim}}, trace);
  if (!mapped) return mapped.error().code + " " + mapped.error().detail;
  auto user = newUserAttributes(*schemas().registry, *schemas().user, "bob", *mapped);
  if (!user) return user.error().code + " " + user.error().detail;
  user->erase("schemas");
  user->erase("userName");
  return json::write(*user);
}
std::string made(const IdentityProvider& idp, const std::string& claim) {
  Trace trace;
  return made(idp, parsed(claim), trace);
}

struct TransformCase {
  const char* attribute;
  const char* transforms;
  const char* claim;
  const char* user;
};

TEST(Transforms, AreAppliedInOrder) {
  const TransformCase cases[] = {
      {"title", "[]", R"(" Boss ")", R"({"title":" Boss "})"},
      {"title", R"(["trim"])", R"(" Boss ")", R"({"title":"Boss"})"},
      {"title", R"(["lowercase"])", R"("ŁUKASZ Σ")", R"({"title":"łukasz σ"})"},
      {"title", R"(["uppercase"])", R"("straße")", R"({"title":"STRASSE"})"},
      {"title", R"([{"prefix": "E-"}])", "40817", R"({"title":"E-40817"})"},
      {"title", R"([{"suffix": "@acme.example"}])", R"("bob")", R"({"title":"bob@acme.example"})"},
      {"title", R"([{"replace": {"pattern": "@.*", "with": ""}}])", R"("bob@x.example")",
       R"({"title":"bob"})"},
      {"title", R"_([{"replace": {"pattern": "(\\w+), (\\w+)", "with": "$2 $1"}}])_",
       R"("Smith, Bob")", R"({"title":"Bob Smith"})"},
      {"title", R"([{"replace": {"pattern": "-"}}, "uppercase", {"prefix": "x"}])", R"("a-b")",
       R"({"title":"xAB"})"},
      {"title", R"([{"prefix": "x"}, "uppercase"])", R"("a")", R"({"title":"XA"})"},
      {"emails", R"([{"split": ","}, "trim"])", R"("a@b.example, c@d.example,, ")",
       R"({"emails":[{"value":"a@b.example"},{"value":"c@d.example"}]})"},
      {"emails", R"([{"split": ";"}, "lowercase"])",
       R"(["A@b.example;C@b.example", "D@b.example"])",
       R"({"emails":[{"value":"a@b.example"},{"value":"c@b.example"},{"value":"d@b.example"}]})"},
      {"title", R"([{"split": ","}])", R"("a,b")", R"({"title":"a"})"},
      {"emails", R"(["lowercase"])", R"([{"value": "A@b.example"}])",
       R"({"emails":[{"value":"A@b.example"}]})"},
      // Nothing is left: as a blank claim.
      {"title", R"([{"replace": {"pattern": ".+"}}])", R"("x")", "{}"},
      {"title", R"([{"split": ","}])", R"(",")", "{}"},
  };
  for (const TransformCase& look : cases) {
    SCOPED_TRACE(std::string(look.transforms) + " on " + look.claim);
    EXPECT_EQ(made(transforming(look.attribute, look.transforms), look.claim), look.user);
  }
}

TEST(Transforms, LeaveTheDefaultAlone) {
  const IdentityProvider idp =
      transforming("title", R"(["uppercase", {"replace": {"pattern": "N/A"}}])",
                   R"(, "defaultValue": "unknown")");
  EXPECT_EQ(made(idp, R"("n/a")"), R"({"title":"unknown"})");
  EXPECT_EQ(made(idp, "null"), R"({"title":"unknown"})");
  EXPECT_EQ(made(idp, R"("boss")"), R"({"title":"BOSS"})");
}

TEST(Transforms, AreTraced) {
  Trace trace;
  EXPECT_EQ(made(transforming("title", R"(["trim"])"), parsed(R"("x")"), trace),
            R"({"title":"x"})");
  EXPECT_TRUE(traced(trace, "title", "transformed and mapped"));
}

TEST(Transforms, AreBounded) {
  const std::string too_many(1'000, ',');
  EXPECT_EQ(made(transforming("title", R"([{"prefix": "a"}, {"replace": {"pattern": ",",
                                           "with": "a,"}}, {"split": ","}])"),
                 "\"" + too_many + "\""),
            R"({"title":"aa"})");
  EXPECT_EQ(made(transforming("emails", R"([{"replace": {"pattern": ",", "with": "a,"}},
                                            {"suffix": "b"}, {"split": ","}])"),
                 "\"" + too_many + "\""),
            "JIT-1301 claim 'c': there are more than 1000 values to transform");
  const IdentityProvider replacing =
      transforming("emails", R"([{"replace": {"pattern": "x", "with": "y"}}])");
  json::Array values;
  for (int i = 0; i < 16; ++i) values.emplace_back(std::string(1'024, 'a'));
  Trace trace;
  EXPECT_EQ(made(replacing, json::Value(values), trace).substr(0, 9), R"({"emails")");
  values.emplace_back("a");
  EXPECT_EQ(made(replacing, json::Value(values), trace),
            "JIT-1301 claim 'c': the claims have more text than patterns are looked for in");
  EXPECT_EQ(made(replacing, json::Value(std::string(1'025, 'a')), trace),
            "JIT-1301 claim 'c': the value is too long or too much work for a pattern to replace");
  EXPECT_EQ(made(transforming("title", R"([{"replace": {"pattern": "(a+)+$"}}])"),
                 json::Value(std::string(200, 'a') + "!"), trace)
                .substr(0, 8),
            "JIT-1301");
}

TEST(Transforms, AreRefusedWhenSavedIfTheyCannotWork) {
  const std::pair<const char*, const char*> cases[] = {
      {R"(["Trim"])", "/transforms/0"},
      {R"(["trim", 7])", "/transforms/1"},
      {R"([{}])", "/transforms/0"},
      {R"([{"prefix": "a", "suffix": "b"}])", "/transforms/0"},
      {R"([{"strip": "a"}])", "/transforms/0/strip"},
      {R"([{"prefix": ""}])", "/transforms/0/prefix"},
      {R"([{"split": 7}])", "/transforms/0/split"},
      {R"([{"replace": "x"}])", "/transforms/0/replace"},
      {R"([{"replace": {"with": "x"}}])", "/transforms/0/replace/pattern"},
      {R"([{"replace": {"pattern": "(", "with": ""}}])", "/transforms/0/replace/pattern"},
      {R"([{"replace": {"pattern": "a", "with": "$1"}}])", "/transforms/0/replace/pattern"},
      {R"([{"replace": {"pattern": "a", "flags": "i"}}])", "/transforms/0/replace/flags"},
      {R"("trim")", "/transforms"},
      {R"(["trim","trim","trim","trim","trim","trim","trim","trim","trim","trim","trim"])",
       "/transforms"},
  };
  for (const auto& [transforms, pointer] : cases) {
    const auto compiled = compile(parsed(
        R"({"name": "x", "claims": {"mappings": [{"idpClaim": "c", "attribute": "title",
            "transforms": )" +
        std::string(transforms) + "}]}}"));
    ASSERT_FALSE(compiled) << transforms;
    EXPECT_NE(compiled.error().detail.find("/claims/mappings/0" + std::string(pointer) + ":"),
              std::string::npos)
        << compiled.error().detail;
  }
}

TEST(Transforms, StandInTheCanonicalFormAsTheyWereStated) {
  const std::string transforms = R"(["trim",{"replace":{"pattern":"a","with":"b"}}])";
  const IdentityProvider idp = transforming("title", transforms);
  EXPECT_NE(json::write(idp.document).find("\"transforms\":" + transforms), std::string::npos);
  const auto again = compile(idp.document);
  ASSERT_TRUE(again);
  EXPECT_EQ(json::write(again->document), json::write(idp.document));
}

}  // namespace
}  // namespace vestibule::jit
