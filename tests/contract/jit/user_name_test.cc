// What a login's user is called, and what happens where the name is taken: the parity line
// "Username".

#include "jit/user_name.h"

#include <gtest/gtest.h>

#include <barrier>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "contract/jit/jit_test.h"

namespace vestibule::jit {
namespace {

class Named : public test::JitTest {};

TEST_F(Named, ParityByUserIdClaimThenTemplateThenSubject) {
  jitSettings(
      R"("userstore": "CORP", "attributeSyncMethod": "NONE", "userNameTemplate": "{email|localPart}.{number ?? subject|hash:4}")");
  EXPECT_EQ(userName(login("s-1", R"({"uid": "bob", "email": "x@c.example"})")), "bob");
  EXPECT_EQ(userName(login("s-2", R"({"email": "zoe@c.example", "number": 7})")), "zoe.7");
  EXPECT_EQ(outcome(login("s-3", R"({"number": 7})")), "JIT-1201");
  // A known user needs no name.
  EXPECT_EQ(outcome(login("s-2", R"({})")), "unchanged");
  jitSettings(R"("userstore": "CORP")");
  EXPECT_EQ(userName(login("subject-4", R"({"email": "x@c.example"})")), "subject-4");
}

TEST_F(Named, ByATemplateThatSaysTheDomain) {
  jitSettings(R"("userstore": "As in username", "userNameTemplate": "{realm}/{name}")");
  const auto made = login("s-1", R"({"realm": "corp", "name": "zoe"})");
  EXPECT_EQ(made.decision->domain->name().value(), "CORP");
  EXPECT_EQ(userName(made), "zoe");
}

TEST_F(Named, AsTheDomainAllowsWhenSanitized) {
  jitSettings(R"("userstore": "CORP")");
  constexpr const char* kName = R"({"uid": "zoe nunez@c.example"})";
  EXPECT_EQ(outcome(login("s-1", kName)), "JIT-1202");
  jitSettings(R"("userstore": "CORP", "sanitizeUserName": true)");
  EXPECT_EQ(userName(login("s-1", kName)), "zoenunezc.example");
  // Two names that become one are still two people.
  EXPECT_EQ(outcome(login("s-2", R"({"uid": "zoe-nunez c.example"})")), "created");
  EXPECT_EQ(outcome(login("s-3", R"({"uid": "zoe!nunez!c.example"})")), "JIT-1203");
}

TEST_F(Named, WithTheFirstFreeSuffixWhereTheNameIsTaken) {
  jitSettings(R"("userstore": "CORP", "onUserNameTaken": "suffix", "protectedUsers": ["bob-4"])");
  scimUser(R"("userName": "CORP/bob-3")");
  std::vector<std::string> names;
  for (int i = 1; i <= 4; ++i) {
    const std::string subject = "s-" + std::to_string(i);
    names.push_back(userName(login(subject, R"({"uid": "bob"})")));
    EXPECT_EQ(outcome(login(subject, R"({"uid": "bob"})")), "unchanged");
  }
  EXPECT_EQ(names, (std::vector<std::string>{"bob", "bob-2", "bob-5", "bob-6"}));
}

TEST_F(Named, WithASuffixThatFits) {
  jitSettings(R"("userstore": "CORP", "onUserNameTaken": "suffix")");
  const std::string longest(30, 'a');
  EXPECT_EQ(userName(login("s-1", R"({"uid": ")" + longest + "\"}")), longest);
  EXPECT_EQ(userName(login("s-2", R"({"uid": ")" + longest + "\"}")), longest.substr(2) + "-2");
  domainSettings("CORP", R"({"UsernameJavaRegEx": "[a-z]{3,30}", "UsernameJavaScriptRegEx": ""})");
  EXPECT_EQ(outcome(login("s-3", R"({"uid": ")" + longest + "\"}")), "JIT-1202");
}

TEST_F(Named, ByNoSuffixBeyondTheHundredth) {
  jitSettings(R"("userstore": "CORP", "onUserNameTaken": "suffix")");
  scimUser(R"("userName": "CORP/bob")");
  for (int i = 2; i <= kLastSuffix; ++i)
    scimUser(R"("userName": "CORP/bob-)" + std::to_string(i) + "\"");
  const auto result = login("s-1", R"({"uid": "bob"})");
  EXPECT_EQ(outcome(result), "JIT-1205");
  EXPECT_EQ(result.decision.error().attribute, "userName");
}

TEST_F(Named, ManyAtOnceAlikeEachGetTheirOwn) {
  jitSettings(R"("userstore": "CORP", "onUserNameTaken": "suffix")");
  constexpr int kThreads = 32;
  std::vector<std::string> outcomes(kThreads);
  std::barrier start(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      outcomes[static_cast<std::size_t>(i)] =
          outcome(login("s-" + std::to_string(i), R"({"uid": "bob"})"));
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(std::set<std::string>(outcomes.begin(), outcomes.end()),
            std::set<std::string>{"created"});
  EXPECT_EQ(count("corp.users"), 32U);
  EXPECT_EQ(count("control.federated_identities"), 32U);
}

TEST_F(Named, ByTheNameOfAHolderLinksOnlyWithAVerifiedEmail) {
  jitSettings(R"("userstore": "CORP", "associateLocalUser": true, "onUserNameTaken": "link",
      "protectedUsers": ["root"],
      "accountLookupAttributeMappings": [{"federatedAttribute": "n", "localAttribute": "externalId"}])");
  const auto bob = scimUser(R"("userName": "CORP/bob")");
  scimUser(R"("userName": "CORP/root")");
  scimUser(R"("userName": "CORP/gone", "active": false)");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob"})")), "JIT-1203");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob", "email_verified": false})")), "JIT-1203");
  const auto linked = login("s-1", R"({"uid": "bob", "email_verified": true})");
  EXPECT_EQ(outcome(linked), "linked");
  EXPECT_EQ(idOf(linked), bob);
  EXPECT_EQ(outcome(login("s-2", R"({"uid": "bob", "email_verified": true})")), "JIT-1407");
  EXPECT_EQ(outcome(login("s-3", R"({"uid": "root", "email_verified": true})")), "JIT-1404");
  EXPECT_EQ(outcome(login("s-4", R"({"uid": "gone", "email_verified": true})")), "JIT-1403");
  EXPECT_EQ(outcome(login("s-5", R"({"uid": "alice", "email_verified": true})")), "created");
}

}  // namespace
}  // namespace vestibule::jit
