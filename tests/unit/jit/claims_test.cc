#include "jit/claims.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "json/parse.h"
#include "json/write.h"

namespace vestibule::jit {
namespace {

json::Value parsed(std::string_view text) {
  auto value = json::parse(text);
  EXPECT_TRUE(value) << text;
  return value ? *value : json::Value();
}

/// The values found, as JSON texts.
std::vector<std::string> found(std::string_view claims, std::string_view path) {
  const json::Value document = parsed(claims);
  const auto compiled = ClaimPath::compile(path);
  EXPECT_TRUE(compiled) << path;
  std::vector<std::string> texts;
  for (const json::Value* value : compiled->find(*document.object()).values) {
    texts.push_back(json::write(*value));
  }
  return texts;
}

struct Lookup {
  const char* path;
  std::vector<std::string> values;
};

TEST(ClaimPath, FindsValuesByNamePointerAndDots) {
  constexpr const char* kClaims = R"({
    "email": "a@b.example", "n": 40817, "t": true, "a.b": "exact", "a": {"b": "nested", "": "empty"},
    "https://example.org/claims/team": "red", "/slash": "kept",
    "realm_access": {"roles": ["x", "y"]},
    "resource_access": {"my.app": {"roles": ["editors"]}, "my": {"app": {"other": 1}}},
    "groups": [{"name": "g1", "id": 1}, {"name": "g2"}, {"id": 3}],
    "deep": [["p", ["q"]], "r"], "emails": [{"value": "m1"}, {"value": "m2"}],
    "tilde~/x": "t", "blank": "  ", "nothing": null, "none": [], "empty": {}, "mixed": ["", null, "z"]})";
  const Lookup cases[] = {
      {"email", {R"("a@b.example")"}},
      {"n", {"40817"}},
      {"t", {"true"}},
      {"a.b", {R"("exact")"}},
      {"https://example.org/claims/team", {R"("red")"}},
      {"/slash", {R"("kept")"}},
      {"/a/b", {R"("nested")"}},
      {"/a/", {R"("empty")"}},
      {"/realm_access/roles", {R"("x")", R"("y")"}},
      {"/realm_access/roles/1", {R"("y")"}},
      {"/realm_access/roles/01", {}},
      {"/realm_access/roles/2", {}},
      {"/realm_access/roles/-", {}},
      {"/realm_access/roles/99999999999999999999", {}},
      {"/tilde~0~1x", {R"("t")"}},
      {"realm_access.roles", {R"("x")", R"("y")"}},
      {"resource_access.my.app.roles", {R"("editors")"}},
      {"resource_access.my.app.other", {"1"}},
      {"groups.name", {R"("g1")", R"("g2")"}},
      {"emails.value", {R"("m1")", R"("m2")"}},
      {"deep", {R"("p")", R"("q")", R"("r")"}},
      {"mixed", {R"("z")"}},
      {"blank", {}},
      {"nothing", {}},
      {"none", {}},
      {"empty", {}},
      {"Email", {}},
      {"email.x", {}},
      {".", {}},
      {"..email", {}},
      {"realm_access.", {}},
  };
  for (const Lookup& look : cases) {
    SCOPED_TRACE(look.path);
    EXPECT_EQ(found(kClaims, look.path), look.values);
  }
}

TEST(ClaimPath, TellsABlankClaimFromAnAbsentOne) {
  const json::Value document =
      parsed(R"({"blank": "", "null": null, "list": [], "a": {"b": null}, "l": [{"x": ""}, {}]})");
  const auto present = [&](std::string_view path) {
    return ClaimPath::compile(path)->find(*document.object()).present;
  };
  EXPECT_TRUE(present("blank"));
  EXPECT_TRUE(present("null"));
  EXPECT_TRUE(present("list"));
  EXPECT_TRUE(present("a.b"));
  EXPECT_TRUE(present("/a/b"));
  EXPECT_TRUE(present("l.x"));
  EXPECT_FALSE(present("absent"));
  EXPECT_FALSE(present("a.c"));
  EXPECT_FALSE(present("/a/c"));
  EXPECT_FALSE(present("l.y"));
}

TEST(ClaimPath, KnowsClaimsThatHaveToBeFetchedElsewhere) {
  const json::Value document = parsed(R"({
    "_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://g.example"}},
    "email": "a@b.example"})");
  EXPECT_TRUE(ClaimPath::compile("groups")->find(*document.object()).elsewhere);
  EXPECT_TRUE(ClaimPath::compile("groups.id")->find(*document.object()).elsewhere);
  EXPECT_FALSE(ClaimPath::compile("roles")->find(*document.object()).elsewhere);
  EXPECT_FALSE(ClaimPath::compile("email")->find(*document.object()).elsewhere);
  const json::Value odd = parsed(R"({"_claim_names": ["groups"]})");
  EXPECT_FALSE(ClaimPath::compile("groups")->find(*odd.object()).elsewhere);
}

TEST(ClaimPath, RefusesNamesThatCannotBeMeant) {
  for (const std::string& name :
       {std::string(), std::string(256, 'a'), std::string("a\nb"), std::string("\xff"),
        std::string("/a~"), std::string("/a~2b"), std::string("a\0b", 3)}) {
    const auto path = ClaimPath::compile(name);
    ASSERT_FALSE(path) << name;
    EXPECT_EQ(path.error().kind, ErrorKind::kInvalidValue);
  }
  EXPECT_TRUE(ClaimPath::compile(std::string(255, 'a')));
}

TEST(ClaimPath, ReadsTheMemberItBeginsWith) {
  EXPECT_TRUE(ClaimPath::compile("realm_access.roles")->reads("realm_access"));
  EXPECT_TRUE(ClaimPath::compile("realm_access.roles")->reads("realm_access.roles"));
  EXPECT_FALSE(ClaimPath::compile("realm_access.roles")->reads("realm"));
  EXPECT_TRUE(ClaimPath::compile("/address/locality")->reads("address"));
  EXPECT_FALSE(ClaimPath::compile("/address/locality")->reads("locality"));
  EXPECT_FALSE(ClaimPath::compile("email")->reads("email_verified"));
}

TEST(ClaimText, WritesScalarsAndNoObjects) {
  EXPECT_EQ(claimText(parsed(R"("x")")), "x");
  EXPECT_EQ(claimText(parsed("1.10")), "1.10");
  EXPECT_EQ(claimText(parsed("18446744073709551616")), "18446744073709551616");
  EXPECT_EQ(claimText(parsed("false")), "false");
  EXPECT_EQ(claimText(parsed(R"({"a":1})")), std::nullopt);
}

TEST(ClaimPath, StaysCheapOnHostileDocuments) {
  // Every prefix of the path exists, and none leads anywhere.
  std::string claims = "{";
  std::string path = "a";
  for (int i = 0; i < 100; ++i) {
    claims += (i > 0 ? ",\"" : "\"") + path + "\":{\"a\":{\"a\":{}}}";
    path += ".a";
  }
  claims += "}";
  EXPECT_TRUE(found(claims, path + ".b").empty());
}

}  // namespace
}  // namespace vestibule::jit
