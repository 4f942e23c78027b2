#include "jit/user_name_template.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/jit/jit_fixture.h"

namespace vestibule::jit {
namespace {

using test::parsed;

constexpr const char* kClaims = R"({"email": "Zoe.Nunez@Acme.example", "given_name": "Zoë",
    "family_name": " Núñez ", "nick": "", "groups": ["a", "b"], "one": ["uno"], "number": 40817,
    "org": {"unit": "R|D"}, "https://acme.example/id": "A-7", "subject": "claim"})";

/// The name, or the code of the refusal.
std::string filled(const std::string& text) {
  const auto made = UserNameTemplate::compile(text);
  EXPECT_TRUE(made) << made.error().detail;
  const json::Value claims = parsed(kClaims);
  const auto name = made->fill(*claims.object(), Subject("00u8z5t1q4XnKpWm25d7"));
  return name ? *name : name.error().code;
}

TEST(UserNameTemplate, FillsPlaceholdersByClaimsFallBacksAndFilters) {
  const std::pair<const char*, const char*> cases[] = {
      {"{email}", "Zoe.Nunez@Acme.example"},
      {"{email|localPart}", "Zoe.Nunez"},
      {"{ email | localPart | lowercase }", "zoe.nunez"},
      {"{email|emailDomain|lowercase}", "acme.example"},
      {"{given_name|lowercase}", "zoë"},
      {"{given_name|first:2}", "Zo"},
      {"{given_name|first:3}{family_name}", "ZoëNúñez"},
      {"{given_name|first:255}", "Zoë"},
      {"x-{number}-y", "x-40817-y"},
      {"{one}", "uno"},
      {"{https://acme.example/id}", "A-7"},
      {"{subject}", "00u8z5t1q4XnKpWm25d7"},
      {"{/subject}", "claim"},
      {"{nick ?? absent ?? groups ?? email|localPart}", "Zoe.Nunez"},
      {"{nick??subject|hash:8}", "1f59a9c0"},
      {"{given_name|emailDomain ?? given_name}", "Zoë"},
      {"{{{given_name}}}", "{Zoë}"},
      {"{nick}", "JIT-1201"},
      {"{groups}", "JIT-1201"},
      {"{org}", "JIT-1201"},
      {"a{absent ?? nick}", "JIT-1201"},
  };
  for (const auto& [text, name] : cases) {
    SCOPED_TRACE(text);
    EXPECT_EQ(filled(text), name);
  }
}

TEST(UserNameTemplate, HashesTheSameToTheSame) {
  EXPECT_EQ(filled("{subject|hash:64}").size(), 64U);
  EXPECT_EQ(filled("{subject|hash:64}").substr(0, 8), filled("{subject|hash:8}"));
  EXPECT_NE(filled("{subject|hash:8}"), filled("{email|hash:8}"));
}

TEST(UserNameTemplate, IsRefusedWithItsReason) {
  const std::pair<std::string, const char*> cases[] = {
      {"everybody", "no placeholder"},
      {"{{email}}", "no placeholder"},
      {"{email", "'{' without '}'"},
      {"email}", "'}' without '{'"},
      {"{}", "names no claim"},
      {"{|lowercase}", "names no claim"},
      {"{email ?? }", "names no claim"},
      {"{email|upper}", "'upper' is none of"},
      {"{email|}", "'' is none of"},
      {"{email|first}", "needs a number from 1 to 255"},
      {"{email|first:0}", "needs a number from 1 to 255"},
      {"{email|first:256}", "needs a number"},
      {"{email|first:1x}", "needs a number"},
      {"{email|first:-1}", "needs a number"},
      {"{email|first:99999999999999999999}", "needs a number"},
      {"{email|hash:3}", "needs a number from 4 to 64"},
      {"{email|lowercase:2}", "is none of"},
      {"{/a~}", "/a~"},
      {"{email}\n", "control character"},
      {"{email}\xff", "control character"},
      {"{email}" + std::string(512, 'x'), "longer than 512"},
  };
  for (const auto& [text, part] : cases) {
    SCOPED_TRACE(text);
    const auto made = UserNameTemplate::compile(text);
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().detail.find(part), std::string::npos) << made.error().detail;
  }
}

TEST(UserNameTemplate, KnowsWhatItReads) {
  const auto made = UserNameTemplate::compile("{a.b ?? c}-{subject}-{d}");
  ASSERT_TRUE(made);
  for (const char* name : {"a", "a.b", "c", "d"}) EXPECT_TRUE(made->reads(name)) << name;
  for (const char* name : {"b", "subject", "e"}) EXPECT_FALSE(made->reads(name)) << name;
}

TEST(UserNameSettings, AreRefusedWhereTheyContradictEachOther) {
  struct Case {
    const char* jit;
    const char* part;
  };
  const Case cases[] = {
      {R"({"userNameTemplate": "{email"})", "/jit/userNameTemplate: has a '{'"},
      {R"({"onUserNameTaken": "number"})", "/jit/onUserNameTaken: 'number' is none of refuse"},
      {R"({"onUserNameTaken": "link"})", "/jit/onUserNameTaken: 'link' needs associateLocalUser"},
      {R"({"onUserNameTaken": "link", "associateLocalUser": true, "link": false})",
       "/jit/onUserNameTaken: 'link' needs"},
      {R"({"onUserNameTaken": "link", "associateLocalUser": true, "skipJITForLookupFailure": true})",
       "/jit/onUserNameTaken: 'link' has no effect"},
      {R"({"onUserNameTaken": "link", "associateLocalUser": true, "userNameTemplate": "{email}"})",
       "/jit/onUserNameTaken: 'link' takes the name as"},
      {R"({"onUserNameTaken": "link", "associateLocalUser": true, "sanitizeUserName": true})",
       "/jit/onUserNameTaken: 'link' takes the name as"},
  };
  for (const Case& look : cases) {
    SCOPED_TRACE(look.jit);
    const auto compiled =
        test::compile(parsed(R"({"name": "x", "jit": )" + std::string(look.jit) + "}"));
    ASSERT_FALSE(compiled);
    EXPECT_NE(compiled.error().detail.find(look.part), std::string::npos)
        << compiled.error().detail;
    EXPECT_EQ(compiled.error().kind, ErrorKind::kInvalidValue);
  }
}

}  // namespace
}  // namespace vestibule::jit
