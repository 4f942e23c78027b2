// Who a login is: the parity lines "Existing user" and "Link rules", J-8 and J-10.

#include "jit/linking.h"

#include <gtest/gtest.h>

#include <barrier>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "contract/jit/jit_test.h"

namespace vestibule::jit {
namespace {

class Linking : public test::JitTest {
 protected:
  static constexpr const char* kOn = R"("userstore": "CORP", "associateLocalUser": true)";
  static constexpr const char* kByNumber =
      R"({"federatedAttribute": "number", "localAttribute": "externalId"})";
  static constexpr const char* kByMail =
      R"({"federatedAttribute": "email", "localAttribute": "emails.value"})";

  /// Links by these rules; `more` are other settings.
  void rules(const std::string& list, const std::string& more = "") {
    jitSettings(std::string(kOn) + R"(, "accountLookupAttributeMappings": [)" + list + "]" + more);
  }
  ResourceId local(const std::string& name, const std::string& members = "") {
    return scimUser(R"("userName": ")" + name + "\"" + (members.empty() ? "" : ", " + members));
  }
  static std::string withMail(const std::string& address, const std::string& name = "new-name") {
    return R"({"uid": ")" + name + R"(", "email": ")" + address + R"(", "email_verified": true})";
  }
  /// The outcome of the step's first entry with this rule.
  static std::string traced(const ProvisionResult& result, const std::string& rule) {
    for (const auto& entry : result.trace.entries()) {
      if (entry.rule == rule) return entry.outcome;
    }
    return "";
  }
};

TEST_F(Linking, ParityExistingUserIsNotLinkedByNameWithoutAssociateLocalUser80018) {
  jitSettings(R"("userstore": "CORP")");
  local("CORP/bob", R"("externalId": "7", "emails": [{"value": "bob@c.example"}])");
  EXPECT_EQ(outcome(login("s-1", withMail("bob@c.example", "bob"))), "JIT-1203");
  EXPECT_EQ(count("control.federated_identities"), 0U);
}

TEST_F(Linking, ParityOneMatchLinksAndUpdatesTheUserAndItKeepsItsName) {
  rules(kByMail);
  group("CORP/writers");
  const auto bob = local("CORP/robert", R"("emails": [{"value": "Bob@C.example"}])");
  const std::string claims =
      R"({"uid": "bob", "email": "bob@c.example", "email_verified": true, "title": "Boss",
          "groups": ["writers"]})";
  const auto would = ask("s-1", claims);
  EXPECT_EQ(outcome(would), "linked");
  EXPECT_EQ(attributes(would),
            R"({"title":"Boss","emails":[{"value":"bob@c.example","type":"work"}]})");
  EXPECT_EQ(count("control.federated_identities"), 0U);

  const auto linked = login("s-1", claims);
  ASSERT_EQ(outcome(linked), "linked") << linked.decision.error().detail;
  EXPECT_EQ(idOf(linked), bob);
  EXPECT_EQ(userName(linked), "robert");
  EXPECT_EQ(groupsOf(linked), std::vector<std::string>{"writers"});
  EXPECT_EQ(linked.decision->groups.granted, std::vector<std::string>{"writers"});
  EXPECT_EQ(traced(linked, "email = emails.value"), "user " + bob.text());
  EXPECT_EQ(count("corp.users"), 1U);
  EXPECT_EQ(count("control.federated_identities"), 1U);

  const auto sent = onlooker_.statements();
  EXPECT_EQ(outcome(login("s-1", claims)), "unchanged");
  EXPECT_EQ(onlooker_.statements() - sent, 1U);
  // The link is to the user, whatever it is called by and reached at later.
  EXPECT_EQ(idOf(login("s-1", R"({"uid": "x", "email": "other@c.example"})")), bob);
}

TEST_F(Linking, ParityNoRuleComparesTheVerifiedEmailWithTheUserName) {
  domainSettings("CORP", R"({"UsernameJavaRegEx": "", "UsernameJavaScriptRegEx": ""})");
  jitSettings(kOn);
  const auto bob = local("CORP/bob@c.example");
  const auto linked = login("s-1", withMail(" bob@c.example "));
  ASSERT_EQ(outcome(linked), "linked");
  EXPECT_EQ(idOf(linked), bob);
}

TEST_F(Linking, J10_LinksByNoEmailThatIsNotVerified) {
  rules(kByMail);
  local("CORP/robert", R"("emails": [{"value": "bob@c.example"}])");
  int subject = 0;
  for (const char* verified :
       {"", R"(, "email_verified": false)", R"(, "email_verified": "false")",
        R"(, "email_verified": null)", R"(, "email_verified": 1)",
        R"(, "email_verified": ["true"])", R"(, "email_verified": "TRUE")"}) {
    SCOPED_TRACE(verified);
    const std::string name = "user-" + std::to_string(++subject);
    const auto result =
        login(name, R"({"uid": ")" + name + R"(", "email": "bob@c.example")" + verified + "}");
    EXPECT_EQ(outcome(result), "created");
    EXPECT_EQ(traced(result, "email = emails.value"),
              "email_verified is not true: the rule is left out");
  }
  // Now several have the address, so that no one is the one.
  EXPECT_EQ(outcome(login("s-1", withMail("bob@c.example"))), "JIT-1402");
}

TEST_F(Linking, TrustsAnIdentityProviderThatIsSaidToVerify) {
  rules(
      R"({"federatedAttribute": "email", "localAttribute": "emails", "requireVerifiedEmail": false})");
  const auto bob = local("CORP/robert", R"("emails": [{"value": "bob@c.example"}])");
  EXPECT_EQ(idOf(login("s-1", R"({"uid": "bob", "email": "bob@c.example"})")), bob);
}

TEST_F(Linking, TakesTheTextTrueAsVerified) {
  rules(kByMail);
  local("CORP/robert", R"("emails": [{"value": "bob@c.example"}])");
  EXPECT_EQ(outcome(login("s-1",
                          R"({"uid": "bob", "email": "bob@c.example", "email_verified": "true"})")),
            "linked");
}

TEST_F(Linking, ParityTwoMatchesRefuse) {
  rules(kByNumber);
  local("CORP/one", R"("externalId": "7")");
  local("CORP/two", R"("externalId": "7")");
  const auto result = login("s-1", R"({"uid": "bob", "number": "7"})");
  EXPECT_EQ(outcome(result), "JIT-1402");
  EXPECT_EQ(result.decision.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(count("corp.users"), 2U);
  EXPECT_EQ(count("control.federated_identities"), 0U);
}

TEST_F(Linking, ParityRulesAreTriedInOrderAndTheFirstMatchDecides) {
  rules(std::string(kByNumber) + "," + kByMail, R"(, "attributeSyncMethod": "NONE")");
  const auto by_number = local("CORP/one", R"("externalId": "7")");
  const auto by_mail = local("CORP/two", R"("emails": [{"value": "bob@c.example"}])");
  EXPECT_EQ(idOf(login("s-1", R"({"uid": "x", "number": 7, "email": "bob@c.example",
                                  "email_verified": true})")),
            by_number);
  EXPECT_EQ(idOf(login("s-2", R"({"uid": "x", "number": "8", "email": "bob@c.example",
                                  "email_verified": true})")),
            by_mail);
}

TEST_F(Linking, ParityNoMatchMakesAUser) {
  rules(std::string(kByNumber) + "," + kByMail);
  local("CORP/one", R"("externalId": "7")");
  int made = 0;
  for (const char* number :
       {R"("8")", R"("")", R"(" ")", "null", R"(["7", "8"])", R"({"a": "7"})"}) {
    SCOPED_TRACE(number);
    const std::string name = "user-" + std::to_string(++made);
    EXPECT_EQ(outcome(login(name, R"({"uid": ")" + name + R"(", "number": )" + number + "}")),
              "created");
  }
}

TEST_F(Linking, ParitySkipJitForLookupFailureProvisionsNobody) {
  rules(kByNumber, R"(, "skipJITForLookupFailure": true)");
  const auto bob = local("CORP/robert", R"("externalId": "7")");
  const auto skipped = login("s-1", R"({"uid": "bob", "number": "8"})");
  EXPECT_EQ(outcome(skipped), "skipped");
  EXPECT_EQ(skipped.decision->domain, nullptr);
  EXPECT_FALSE(skipped.decision->user);
  EXPECT_EQ(count("corp.users"), 1U);
  EXPECT_EQ(idOf(login("s-1", R"({"uid": "bob", "number": "7"})")), bob);
  // Who is linked needs no rule.
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob"})")), "unchanged");
}

TEST_F(Linking, SearchesTheProvisioningDomainAlone) {
  rules(kByNumber);
  local("robert", R"("externalId": "7")");
  const auto result = login("s-1", R"({"uid": "robert", "number": "7"})");
  EXPECT_EQ(outcome(result), "created");
  EXPECT_EQ(result.decision->domain->name().value(), "CORP");
}

TEST_F(Linking, R11_NeverLinksToADisabledUser) {
  int made = 0;
  for (const char* more : {"", R"(, "reactivate": true)"}) {
    rules(kByNumber, more);
    const std::string number = std::to_string(++made);
    local("CORP/user-" + number, R"("active": false, "externalId": ")" + number + "\"");
    EXPECT_EQ(outcome(login("s-" + number, R"({"uid": "bob", "number": )" + number + "}")),
              "JIT-1403");
  }
  EXPECT_EQ(count("control.federated_identities"), 0U);
}

TEST_F(Linking, OfTwoSubjectsOfOneIdentityProviderLinksOneToAUser) {
  rules(kByNumber);
  jitSettings(std::string(kOn) + R"(, "accountLookupAttributeMappings": [)" + kByNumber + "]",
              "other");
  const auto bob = local("CORP/robert", R"("externalId": "7")");
  ASSERT_EQ(outcome(login("s-1", R"({"uid": "bob", "number": "7"})")), "linked");
  EXPECT_EQ(outcome(login("s-2", R"({"uid": "bob", "number": "7"})")), "JIT-1407");
  EXPECT_EQ(idOf(login("s-2", R"({"uid": "bob", "number": "7"})", "other")), bob);
}

TEST_F(Linking, SwitchedOffByLinkRefusesAMatch) {
  rules(kByNumber, R"(, "link": false)");
  local("CORP/robert", R"("externalId": "7")");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob", "number": "7"})")), "JIT-1405");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob", "number": "8"})")), "created");
}

TEST_F(Linking, TellsNamesApartByCaseWhereTheDomainDoes) {
  rules(R"({"federatedAttribute": "login", "localAttribute": "userName"})");
  const auto upper = local("CORP/Bob");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "x-1", "login": "bob"})")), "created");
  EXPECT_EQ(idOf(login("s-2", R"({"uid": "x-2", "login": "Bob"})")), upper);
  const auto lower = local("CORP/bob");
  EXPECT_EQ(idOf(login("s-3", R"({"uid": "x-3", "login": "corp/bob"})")), lower);
}

TEST_F(Linking, NormalizesWhatTheClaimSays) {
  rules(R"({"federatedAttribute": "email", "localAttribute": "emails.value",
            "normalize": ["trim", "lowercase", "stripPlusTag"]})");
  const auto bob = local("CORP/robert", R"("emails": [{"value": "bob@c.example"}])");
  EXPECT_EQ(idOf(login("s-1", withMail(" Bob+News@C.example "))), bob);
  EXPECT_EQ(outcome(login("s-2", withMail("+bob@c.example", "plus"))), "created");
}

TEST_F(Linking, QuotesWhatStrangersSend) {
  rules(kByNumber);
  local("CORP/robert", R"("externalId": "7")");
  int made = 0;
  for (const char* number : {R"(7\" or externalId pr or title eq \")", R"(7' OR '1'='1)", R"(\\)",
                             R"(*)", R"(%)", R"(7\u0000)"}) {
    SCOPED_TRACE(number);
    const std::string name = "user-" + std::to_string(++made);
    const auto claims = json::parse(R"({"uid": ")" + name + R"(", "number": ")" + number + "\"}");
    if (!claims) continue;  // never gets here
    EXPECT_EQ(outcome(provision(context_, *providers_, gateway_,
                                {"idp", Subject(name), *claims->object()})),
              "created");
  }
}

TEST_F(Linking, WritesNoLinkInAReadOnlyDomain) {
  rules(kByNumber);
  local("CORP/robert", R"("externalId": "7")");
  domainSettings("CORP", R"({"ReadOnly": true})");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob", "number": "7"})")), "JIT-1102");
  EXPECT_EQ(count("control.federated_identities"), 0U);
}

TEST_F(Linking, LinksASubjectWhoseUserIsGone) {
  rules(kByNumber);
  ASSERT_EQ(outcome(login("s-1", R"({"uid": "first"})")), "created");
  onlooker_.run("DELETE FROM " + table("corp.users"));
  const auto bob = local("CORP/robert", R"("externalId": "7")");
  EXPECT_EQ(idOf(login("s-1", R"({"uid": "bob", "number": "7"})")), bob);
  EXPECT_EQ(count("control.federated_identities"), 1U);
}

TEST_F(Linking, OfManyLoginsAtOnceIsDoneOnce) {
  rules(kByNumber);
  const auto bob = local("CORP/robert", R"("externalId": "7")");
  constexpr int kThreads = 32;
  for (const bool one_subject : {true, false}) {
    std::vector<std::string> outcomes(kThreads);
    std::barrier start(kThreads);
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        start.arrive_and_wait();
        const std::string subject = one_subject ? "s" : "s-" + std::to_string(i);
        outcomes[static_cast<std::size_t>(i)] =
            outcome(login(subject, R"({"uid": "bob", "number": "7"})"));
      });
    }
    for (auto& thread : threads) thread.join();
    std::map<std::string, int> counts;
    for (const auto& one : outcomes) ++counts[one];
    const std::map<std::string, int> expected =
        one_subject ? std::map<std::string, int>{{"linked", 1}, {"unchanged", kThreads - 1}}
                    : std::map<std::string, int>{{"linked", 1}, {"JIT-1407", kThreads - 1}};
    EXPECT_EQ(counts, expected);
    EXPECT_EQ(count("control.federated_identities"), 1U);
    EXPECT_EQ(count("corp.users"), 1U);
    onlooker_.run("DELETE FROM " + prefix_ + "_control.federated_identities");
  }
  static_cast<void>(bob);
}

class Switched : public test::JitTest {};

TEST_F(Switched, CreateOffRefusesNewSubjectsAndLetsKnownOnesIn) {
  jitSettings(R"("userstore": "CORP")");
  ASSERT_EQ(outcome(login("s-1", R"({"uid": "bob"})")), "created");
  jitSettings(R"("userstore": "CORP", "create": false, "associateLocalUser": true,
      "accountLookupAttributeMappings": [{"federatedAttribute": "n", "localAttribute": "externalId"}])");
  scimUser(R"("userName": "CORP/robert", "externalId": "7")");
  EXPECT_EQ(outcome(login("s-2", R"({"uid": "alice"})")), "JIT-1406");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob", "title": "Boss"})")), "updated");
  EXPECT_EQ(outcome(login("s-3", R"({"uid": "robert", "n": "7"})")), "linked");
  EXPECT_EQ(count("corp.users"), 2U);
}

TEST_F(Switched, UpdateOffLeavesKnownUsersAsTheyAreInOneQuery) {
  group("CORP/writers");
  jitSettings(R"("userstore": "CORP", "update": false)");
  const auto made = login("s-1", R"({"uid": "bob", "title": "Boss", "groups": ["writers"]})");
  ASSERT_EQ(outcome(made), "created");
  EXPECT_EQ(attributes(made), R"({"title":"Boss"})");
  const auto before = footprint();
  const auto sent = onlooker_.statements();
  const auto known = login("s-1", R"({"uid": "bob", "title": "Chief"})");
  EXPECT_EQ(outcome(known), "unchanged");
  EXPECT_EQ(onlooker_.statements() - sent, 1U);
  EXPECT_EQ(attributes(known), R"({"title":"Boss"})");
  EXPECT_EQ(groupsOf(known), std::vector<std::string>{"writers"});
  EXPECT_EQ(footprint(), before);
  // What was left is made up for once it is on.
  jitSettings(R"("userstore": "CORP")");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob", "title": "Boss", "groups": ["writers"]})")),
            "unchanged");
  EXPECT_EQ(attributes(login("s-1", R"({"uid": "bob", "title": "Chief"})")),
            R"({"title":"Chief"})");
}

TEST_F(Switched, UpdateOffLinksAndChangesNothingElse) {
  group("CORP/writers");
  jitSettings(R"("userstore": "CORP", "update": false, "associateLocalUser": true,
      "accountLookupAttributeMappings": [{"federatedAttribute": "n", "localAttribute": "externalId"}])");
  scimUser(R"("userName": "CORP/robert", "externalId": "7", "title": "by hand")");
  const auto linked =
      login("s-1", R"({"uid": "bob", "n": "7", "title": "Boss", "groups": ["writers"]})");
  EXPECT_EQ(outcome(linked), "linked");
  EXPECT_EQ(attributes(linked), R"({"externalId":"7","title":"by hand"})");
  EXPECT_TRUE(groupsOf(linked).empty());
}

TEST_F(Switched, ReactivateEnablesAKnownUser) {
  int made = 0;
  for (const char* more : {"", R"(, "update": false)", R"(, "attributeSyncMethod": "NONE")"}) {
    SCOPED_TRACE(more);
    const std::string name = "user-" + std::to_string(++made);
    const std::string claims = R"({"uid": ")" + name + R"(", "title": "Boss"})";
    jitSettings(R"("userstore": "CORP")");
    const auto first = login(name, claims);
    scimPatch(idOf(first), R"({"op": "replace", "path": "active", "value": false})");
    ASSERT_EQ(outcome(login(name, claims)), "JIT-1401");
    jitSettings(std::string(R"("userstore": "CORP", "reactivate": true)") + more);
    EXPECT_EQ(outcome(ask(name, claims)), "updated");
    const auto enabled = login(name, claims);
    EXPECT_EQ(outcome(enabled), "updated");
    EXPECT_EQ(attributes(enabled), R"({"title":"Boss","active":true})");
    EXPECT_EQ(outcome(login(name, claims)), "unchanged");
  }
}

class Admitted : public test::JitTest {};

TEST_F(Admitted, ConditionsAreAskedOfNewAndKnownSubjectsBeforeAnythingIsRead) {
  jitSettings(R"("userstore": "CORP", "conditions": {"deny": [{"group": "leavers"}]})");
  ASSERT_EQ(outcome(login("s-1", R"({"uid": "bob"})")), "created");
  const auto before = footprint();
  const auto sent = onlooker_.statements();
  EXPECT_EQ(outcome(ask("s-1", R"({"uid": "bob", "groups": ["leavers"]})")), "JIT-1408");
  EXPECT_EQ(outcome(ask("s-2", R"({"uid": "eve", "groups": ["leavers"]})")), "JIT-1408");
  EXPECT_EQ(onlooker_.statements() - sent, 0U);
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob", "groups": ["leavers"]})")), "JIT-1408");
  EXPECT_EQ(outcome(login("s-2", R"({"uid": "eve", "groups": ["leavers"]})")), "JIT-1408");
  EXPECT_EQ(footprint(), before);
}

TEST_F(Admitted, RoutingPlacesNewSubjectsAndLeavesKnownOnesWhereTheyAre) {
  jitSettings(
      R"("userstore": "PRIMARY", "routing": [{"claim": "type", "equals": "staff", "userstore": "CORP"}])");
  const auto made = login("s-1", R"({"uid": "bob", "type": "staff"})");
  ASSERT_EQ(outcome(made), "created");
  EXPECT_EQ(made.decision->domain->name().value(), "CORP");
  const auto guest = login("s-2", R"({"uid": "bob"})");
  EXPECT_EQ(guest.decision->domain->name().value(), "PRIMARY");
  const auto later = login("s-1", R"({"uid": "bob"})");
  EXPECT_EQ(outcome(later), "unchanged");
  EXPECT_EQ(later.decision->domain->name().value(), "CORP");
  // Nor is a known one asked for what only a new one needs.
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob", "_claim_names": {"type": "src"}})")),
            "unchanged");
  EXPECT_EQ(outcome(login("s-3", R"({"uid": "eve", "_claim_names": {"type": "src"}})")),
            "JIT-1409");
}

TEST_F(Admitted, AllowedDomainsBoundNewSubjectsAndLinks) {
  jitSettings(R"("userstore": "As in username")");
  ASSERT_EQ(outcome(login("s-1", R"({"uid": "CORP/bob"})")), "created");
  scimUser(R"("userName": "CORP/robert", "externalId": "7")");
  jitSettings(
      R"("userstore": "As in username", "allowedDomains": ["PRIMARY"], "unknownDomain": "refuse",
      "associateLocalUser": true,
      "accountLookupAttributeMappings": [{"federatedAttribute": "n", "localAttribute": "externalId"}])");
  EXPECT_EQ(outcome(login("s-2", R"({"uid": "CORP/robert", "n": "7"})")), "JIT-1101");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "CORP/bob"})")), "unchanged");
}

}  // namespace
}  // namespace vestibule::jit
