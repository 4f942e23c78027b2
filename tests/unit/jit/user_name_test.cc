#include "jit/user_name.h"

#include <gtest/gtest.h>

#include <string>

#include "base/unicode.h"
#include "unit/jit/jit_fixture.h"

namespace vestibule::jit {
namespace {

/// A catalog whose domain CORP takes names by this pattern.
std::shared_ptr<const directory::Catalog> withPattern(const std::string& pattern) {
  store::ControlRows rows;
  rows.revision = 1;
  rows.domains.push_back(test::domainRow(1, "PRIMARY"));
  rows.domains.push_back(test::domainRow(
      2, "CORP",
      json::write(json::Object{{"UsernameJavaRegEx", pattern}, {"UsernameJavaScriptRegEx", ""}})));
  return directory::Catalog::build(std::move(rows));
}

struct Case {
  const char* pattern;
  const char* name;
  const char* sanitized;
};

TEST(SanitizedUserName, KeepsWhatTheDomainAllows) {
  const Case cases[] = {
      {"[a-z0-9._-]{3,10}", "bob", "bob"},
      {"[a-z0-9._-]{3,10}", "b o b!", "bob"},
      {"[a-z0-9._-]{3,10}", "Zoë Núñez", "oez"},
      {"[a-z0-9._-]{3,10}", "abcdefghijklm", "abcdefghij"},
      {"[a-z0-9._-]{3,10}", "abc def@ghi.jklm", "abcdefghi."},
      {"[a-z][a-z0-9]{2,}", "a-1-2", "a12"},
      {"[0-9]{6}", "12-34-56", "123456"},
      {"[a-z0-9]*[a-z0-9]", "bob.", "bob"},
      {"[a-z]*[.][a-z]*", "a b.c d", "a b.c d"},
      {"(a+)+", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"},
      // Nothing helps: the policy then says what is wrong with the name.
      {"[a-z]{3,10}", "b1", "b1"},
      {"EMP[0-9]{5}", "bob", "bob"},
      {"[a-z]{3,10}", "!!!", "!!!"},
      // By the preparation of user names, which no pattern asks for.
      {"", "bob\u00a0by", "bobby"},
      {".*", "bo\u200bb", "bob"},
  };
  for (const Case& look : cases) {
    SCOPED_TRACE(std::string(look.pattern) + " " + look.name);
    const auto catalog = withPattern(look.pattern);
    EXPECT_EQ(sanitizedUserName(*catalog->findDomain("CORP"), look.name), look.sanitized);
  }
}

TEST(SanitizedUserName, HasNoSlashInPrimary) {
  store::ControlRows rows;
  rows.revision = 1;
  rows.domains.push_back(test::domainRow(1, "PRIMARY"));
  const auto catalog = directory::Catalog::build(std::move(rows));
  EXPECT_EQ(sanitizedUserName(catalog->primary(), "team/bob"), "teambob");
}

TEST(SanitizedUserName, LeavesNamesThatAreTooLongToTry) {
  const auto catalog = withPattern("[a-z]{3,10}");
  const std::string longest(255, 'a');
  EXPECT_EQ(sanitizedUserName(*catalog->findDomain("CORP"), longest), std::string(10, 'a'));
  EXPECT_EQ(sanitizedUserName(*catalog->findDomain("CORP"), longest + "a"), longest + "a");
}

TEST(CheckNewUserName, SaysByWhatANameIsRefused) {
  const auto catalog = withPattern("[a-z\u00a0]{3,10}|(b+)+");
  const auto& corp = *catalog->findDomain("CORP");
  const IdentityProvider idp = test::provider(R"({"jit": {"protectedUsers": ["root"]}})");
  const std::pair<std::string, const char*> cases[] = {
      {"bob", ""},
      {"b", ""},
      {"BOB", "JIT-1202"},
      {"bob\u00a0x", "JIT-1202"},
      {"root", "JIT-1404"},
      {"", "JIT-1202"},
      {std::string(200, 'b') + "!", "JIT-1204"},
  };
  for (const auto& [name, code] : cases) {
    SCOPED_TRACE(name);
    Trace trace;
    const auto checked = checkNewUserName(corp, idp, name, trace);
    EXPECT_EQ(checked ? "" : checked.error().code, code);
    EXPECT_EQ(trace.entries().empty(), checked.has_value());
  }
}

}  // namespace
}  // namespace vestibule::jit
