#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <vector>

#include "contract/jit/jit_test.h"

namespace vestibule::jit {
namespace {

class Explain : public test::JitTest {
 protected:
  /// Explains, checks that nothing was written, and gives the explanation.
  ProvisionResult asked(const std::string& subject, std::string_view claims) {
    const auto before = footprint();
    auto result = ask(subject, claims);
    EXPECT_EQ(footprint(), before);
    EXPECT_FALSE(result.trace.entries().empty());
    return result;
  }
  /// The document without the times of logins, which come later than their explanation.
  static std::string withoutTimes(const std::string& document) {
    return std::regex_replace(document, std::regex(R"((\w+Provisioned":")[^"]+)"), "$1");
  }
};

TEST_F(Explain, SaysWhatTheLoginThenDoes) {
  usual();
  group("CORP/writers");
  group("CORP/readers");
  scimUser(R"("userName": "CORP/taken")");
  const std::vector<std::pair<std::string, std::string>> logins = {
      {"s-1", R"({"uid": "bob", "title": "Boss", "groups": ["writers", "absent"]})"},
      {"s-1", R"({"uid": "bob", "title": "Boss", "groups": ["writers", "absent"]})"},
      {"s-1", R"({"uid": "bob", "title": "Chief", "groups": ["writers"]})"},
      {"s-1", R"({"uid": "bob", "title": "Chief", "groups": ["readers"]})"},
      {"s-1", R"({"uid": "bob", "title": "Chief"})"},
      {"s-2", R"({"uid": "taken"})"},
      {"s-2", R"({"uid": "no good name"})"},
      {"s-2", R"({"uid": "alice", "title": {}})"},
      {"s-2", R"({"uid": "alice2", "title": {"a": 1}})"},
      {"", R"({"uid": "alice"})"},
  };
  for (const auto& [subject, claims] : logins) {
    SCOPED_TRACE(subject + " " + claims);
    const auto explained = asked(subject, claims);
    const auto done = login(subject, claims);
    EXPECT_EQ(outcome(explained), outcome(done));
    if (!done.decision) continue;
    EXPECT_EQ(explained.decision->groups.granted, done.decision->groups.granted);
    EXPECT_EQ(explained.decision->groups.revoked, done.decision->groups.revoked);
    EXPECT_EQ(explained.decision->groups.ignored, done.decision->groups.ignored);
    const std::string would_be = explained.decision->user
                                     ? explained.decision->user->resource.document
                                     : json::write(*explained.decision->new_attributes);
    EXPECT_EQ(withoutTimes(would_be), withoutTimes(done.decision->user->resource.document));
  }
}

TEST_F(Explain, DoesNotRevokeWhatOthersGrantToo) {
  usual();
  group("CORP/writers");
  const auto shared = group("CORP/shared");
  const auto first = login("s-1", R"({"uid": "bob", "groups": ["writers", "shared"]})");
  changeMembers(shared, R"({"op": "add", "path": "members", "value": [{"value": ")" +
                            idOf(first).text() + R"("}]})");
  const auto explained = asked("s-1", R"({"uid": "bob"})");
  EXPECT_EQ(outcome(explained), "updated");
  EXPECT_EQ(explained.decision->groups.revoked, std::vector<std::string>{"writers"});
}

TEST_F(Explain, AccountsForEachStepInOrder) {
  usual();
  const auto result = asked("s-1", R"({"uid": "SECOND/bob", "title": "Boss", "iss": "i"})");
  ASSERT_EQ(outcome(result), "created");
  std::vector<std::string> steps;
  for (const TraceEntry& entry : result.trace.entries()) {
    if (steps.empty() || steps.back() != entry.step) steps.push_back(entry.step);
  }
  EXPECT_EQ(steps, (std::vector<std::string>{"identityProvider", "userName", "domain", "lookup",
                                             "claims", "userName", "roles", "result"}));
}

TEST_F(Explain, TellsATokenNothingOfOtherDomains) {
  jitSettings(R"("userstore": "As in username")");
  const auto known = login("s-1", R"({"uid": "bob"})");
  ASSERT_EQ(outcome(known), "created");
  gateway_.all_domains = false;
  gateway_.domains = {DomainNumber(2)};
  const auto told = [&](const std::string& subject, const std::string& name) {
    const auto result = asked(subject, R"({"uid": ")" + name + "\"}");
    EXPECT_EQ(outcome(result), "JIT-1101");
    const std::string text = result.decision.error().detail + json::write(result.trace.toJson());
    EXPECT_EQ(text.find(idOf(known).text()), std::string::npos) << text;
    // But for the name as it was sent.
    std::string rest = text;
    for (auto at = rest.find(name); at != std::string::npos; at = rest.find(name)) {
      rest.replace(at, name.size(), "NAME");
    }
    EXPECT_EQ(rest.find("PRIMARY"), std::string::npos) << rest;
    return rest;
  };
  EXPECT_EQ(told("s-2", "PRIMARY/bob"), told("s-2", "NOWHERE/bob"));
  // A user who is known, found in another domain than the name says.
  EXPECT_EQ(told("s-1", "PRIMARY/bob"), told("s-1", "NOWHERE/bob"));
  told("s-1", "CORP/bob");
}

TEST_F(Explain, ShowsWhyALoginIsRefused) {
  usual();
  domainSettings(
      "CORP",
      R"({"UsernameJavaRegEx": "[a-z]+", "UsernameJavaRegExViolationErrorMsg": "lower case only"})");
  const auto result = asked("s-1", R"({"uid": "Bob"})");
  EXPECT_EQ(outcome(result), "JIT-1202");
  const auto& entries = result.trace.entries();
  ASSERT_GE(entries.size(), 2U);
  EXPECT_EQ(entries[entries.size() - 2].rule, "POL-1001");
  EXPECT_EQ(entries[entries.size() - 2].outcome, "lower case only");
  EXPECT_EQ(entries.back().rule, "JIT-1202");
}

}  // namespace
}  // namespace vestibule::jit
