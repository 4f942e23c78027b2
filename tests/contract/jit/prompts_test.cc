// Logins that wait for what their person answers: the parity line "Prompt".

#include "jit/prompts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "contract/jit/jit_test.h"
#include "directory/retention.h"
#include "jit/consent_withdrawal.h"

namespace vestibule::jit {
namespace {

constexpr const char* kEverything = "PROMPT_USERNAME_PASSWORD_CONSENT";
constexpr const char* kPassword = "correct-horse";

class Prompted : public test::JitTest {
 protected:
  /// kClaims, with a display name that every user must have; `jit` is added to the section.
  void prompting(const std::string& scheme, const std::string& jit = {}) {
    settings(R"("claims": {"userIdClaim": "uid", "mappings": [
      {"idpClaim": "title", "attribute": "title"},
      {"idpClaim": "email", "attribute": "emails[type eq \"work\"].value"},
      {"idpClaim": "name", "attribute": "displayName", "required": true}]},
      "jit": {"isEnabled": true, "userstore": "CORP", "scheme": ")" +
             scheme + R"(", "prompt": {"returnOrigins": ["https://gateway.example"]})" + jit + "}");
  }

  ProvisionResult loginFrom(const std::string& subject, std::string_view claims,
                            const std::string& return_url) {
    auto asked = request(subject, claims);
    asked.return_url = return_url;
    return provision(context_, *providers_, gateway_, asked);
  }

  std::string ticketOf(const ProvisionResult& result) {
    EXPECT_EQ(outcome(result), "prompt");
    return result.decision && result.decision->opened ? result.decision->opened->ticket : "";
  }
  std::string ticketFor(const std::string& subject, std::string_view claims) {
    return ticketOf(login(subject, claims));
  }

  static PromptAnswers agreed() {
    PromptAnswers answers;
    answers.consents = {{"DEFAULT", 1, {""}}};
    return answers;
  }
  static PromptAnswers everything(const std::string& name) {
    PromptAnswers answers = agreed();
    answers.user_name = name;
    answers.password.emplace(kPassword);
    answers.password_confirmation.emplace(kPassword);
    answers.attributes = {{"displayName", "Zoë"}};
    return answers;
  }
  ProvisionResult answer(const std::string& ticket, const PromptAnswers& answers) {
    return answerPrompt(context_, *providers_, ticket, answers, "en").result;
  }
  std::string answered(const std::string& ticket, const PromptAnswers& answers) {
    return outcome(answer(ticket, answers));
  }
  /// `field reason` of each problem.
  static std::vector<std::string> problems(const ProvisionResult& result) {
    std::vector<std::string> shown;
    if (!result.decision) return {result.decision.error().code};
    for (const auto& problem : result.decision->problems) {
      shown.push_back(problem.field + " " + std::string(nameOf(problem.reason)));
    }
    return shown;
  }
  std::string state(const std::string& ticket) {
    return std::string(stateOf(must(showPrompt(context_, *providers_, ticket)).row, now()));
  }
  std::vector<std::string> row() {
    return onlooker_.rows("SELECT state, request IS NULL, outcome, code FROM " +
                          table("control.prompts"));
  }
};

TEST_F(Prompted, ParityAsksWhatTheSchemeSaysAndWhatIsMissing) {
  struct Case {
    const char* scheme;
    const char* claims;
    bool user_name, password, display_name;
    std::size_t purposes;
  };
  const Case cases[] = {
      {"PROMPT_CONSENT", R"({"uid": "zoe", "name": "Z"})", false, false, false, 1},
      {"PROMPT_CONSENT", R"({"uid": "zoe"})", false, false, true, 1},
      {"PROMPT_CONSENT", R"({"uid": "zoe", "name": " "})", false, false, true, 1},
      {"PROMPT_PASSWORD_CONSENT", R"({"uid": "zoe", "name": "Z"})", false, true, false, 1},
      {kEverything, R"({"uid": "zoe", "name": "Z"})", true, true, false, 1},
      {kEverything, R"({"uid": "zoe"})", true, true, true, 1},
  };
  for (const Case& look : cases) {
    SCOPED_TRACE(std::string(look.scheme) + look.claims);
    prompting(look.scheme);
    const auto result = login("s-1", look.claims);
    ASSERT_EQ(outcome(result), "prompt");
    const PromptForm& form = *result.decision->form;
    EXPECT_EQ(form.user_name.has_value(), look.user_name);
    EXPECT_EQ(form.user_name ? form.user_name->proposed : form.fixed_user_name, "zoe");
    EXPECT_EQ(form.password.has_value(), look.password);
    EXPECT_EQ(form.attributes.size(), look.display_name ? 1 : 0);
    EXPECT_EQ(form.purposes.size(), look.purposes);
    EXPECT_EQ(form.claims.size(), look.display_name ? 0 : 1);
    EXPECT_FALSE(form.is_known);
  }
  EXPECT_EQ(count("corp.users"), 0);
}

TEST_F(Prompted, StoresNothingOfTheUserAndNoTicketBeforeTheAnswer) {
  prompting(kEverything);
  const auto before = footprint();
  const std::string ticket = ticketFor("s-1", R"({"uid": "zoe"})");
  EXPECT_EQ(ticket.size(), 43);
  EXPECT_EQ(footprint(), before);
  EXPECT_EQ(count("control.prompts"), 1);
  const auto text = onlooker_.rows("SELECT HEX(id), HEX(ticket_digest), request, idp_name FROM " +
                                   table("control.prompts"));
  EXPECT_EQ(text.front().find(ticket), std::string::npos);
  EXPECT_EQ(onlooker_.number("SELECT COUNT(*) FROM " + table("control.audit_events") +
                             " WHERE action = 'jit.prompt'"),
            1);
}

TEST_F(Prompted, MakesTheUserOfTheAnswersAndAsksOnce) {
  prompting(kEverything);
  const std::string ticket = ticketFor("s-1", R"({"uid": "zoe", "title": "Dr"})");
  const auto made = answer(ticket, everything("zoe.nunez"));
  ASSERT_EQ(outcome(made), "created") << made.decision.error().detail;
  EXPECT_EQ(userName(made), "zoe.nunez");
  EXPECT_EQ(attributes(made), R"({"displayName":"Zoë","title":"Dr"})");
  EXPECT_EQ(onlooker_.number("SELECT COUNT(*) FROM " + table("corp.users") +
                             " WHERE password_hash LIKE '$argon2id$%'"),
            1);
  EXPECT_EQ(count("control.consent_decisions"), 1);
  EXPECT_EQ(count("control.consent_receipts"), 1);
  EXPECT_EQ(row(), (std::vector<std::string>{"2|1|created|-"}));
  EXPECT_EQ(state(ticket), "answered");

  const auto before = footprint();
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "zoe", "title": "Dr"})")), "unchanged");
  EXPECT_EQ(footprint(), before);
  // What was typed stays when another claim changes, though OVERRIDE_ALL is in force.
  const auto later = login("s-1", R"({"uid": "zoe", "title": "Prof"})");
  EXPECT_EQ(outcome(later), "updated");
  EXPECT_EQ(attributes(later), R"({"displayName":"Zoë","title":"Prof"})");
  EXPECT_EQ(count("control.prompts"), 1);
}

TEST_F(Prompted, TakesATicketOnce) {
  prompting(kEverything);
  const std::string ticket = ticketFor("s-1", R"({"uid": "zoe"})");
  EXPECT_EQ(answered(ticket, everything("zoe1")), "created");
  EXPECT_EQ(answered(ticket, everything("zoe2")), "JIT-1017");
  EXPECT_EQ(declinePrompt(context_, ticket).error().code, "JIT-1017");
  EXPECT_EQ(checkPromptedName(context_, *providers_, ticket, "zoe3").error().code, "JIT-1017");
  EXPECT_EQ(answered("nonsense", everything("zoe2")), "JIT-1016");
  EXPECT_EQ(showPrompt(context_, *providers_, "").error().code, "JIT-1016");
  EXPECT_EQ(count("corp.users"), 1);
}

TEST_F(Prompted, OfAnswersAtOnceOneMakesTheUser) {
  prompting(kEverything);
  for (int round = 0; round < 10; ++round) {
    const std::string subject = "s-" + std::to_string(round);
    const std::string ticket = ticketFor(subject, R"({"uid": "zoe"})");
    std::vector<std::string> outcomes(4);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      threads.emplace_back([&, i] {
        outcomes[i] =
            answered(ticket, everything("zoe" + std::to_string(round) + "-" + std::to_string(i)));
      });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), "created"), 1);
    for (const auto& each : outcomes) {
      EXPECT_TRUE(each == "created" || each == "JIT-1017") << each;
    }
  }
  EXPECT_EQ(count("corp.users"), 10);
  EXPECT_EQ(count("control.consent_receipts"), 10);
}

TEST_F(Prompted, TwoPromptsOfOneSubjectComeToOneUser) {
  prompting(kEverything);
  const std::string first = ticketFor("s-1", R"({"uid": "zoe"})");
  const std::string second = ticketFor("s-1", R"({"uid": "zoe"})");
  EXPECT_EQ(answered(first, everything("zoe1")), "created");
  // Nothing is asked any more, and the second name is of no use.
  EXPECT_EQ(answered(second, everything("zoe2")), "unchanged");
  EXPECT_EQ(state(second), "answered");
  EXPECT_EQ(count("corp.users"), 1);
}

TEST_F(Prompted, NobodyAnswersAfterTheTime) {
  prompting("PROMPT_CONSENT");
  const std::string ticket = ticketFor("s-1", R"({"uid": "zoe", "name": "Z"})");
  onlooker_.run("UPDATE " + table("control.prompts") + " SET expires = 1000");
  EXPECT_EQ(state(ticket), "expired");
  EXPECT_EQ(answered(ticket, agreed()), "JIT-1018");
  EXPECT_EQ(declinePrompt(context_, ticket).error().code, "JIT-1018");
  EXPECT_EQ(count("corp.users"), 0);
  // And a day later nobody knows of it.
  const auto removed = must(directory::expire(
      *database_, {std::chrono::hours(24), std::chrono::hours(24)}, now(), [] { return true; }));
  EXPECT_EQ(removed.prompts, 1);
  EXPECT_EQ(answered(ticket, agreed()), "JIT-1016");
}

TEST_F(Prompted, WhoDeclinesIsNotProvisioned) {
  prompting("PROMPT_CONSENT");
  const std::string ticket = ticketFor("s-1", R"({"uid": "zoe", "name": "Z"})");
  must(declinePrompt(context_, ticket));
  EXPECT_EQ(state(ticket), "declined");
  EXPECT_EQ(row(), (std::vector<std::string>{"2|1|refused|JIT-1410"}));
  EXPECT_EQ(answered(ticket, agreed()), "JIT-1017");
  EXPECT_EQ(count("corp.users"), 0);
  EXPECT_EQ(onlooker_.number("SELECT COUNT(*) FROM " + table("control.audit_events") +
                             " WHERE action = 'jit.refused' AND code = 'JIT-1410'"),
            1);
  // The next login asks again.
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "zoe", "name": "Z"})")), "prompt");
}

TEST_F(Prompted, ParityIdpValueBeatsTypedValueAndEachWrongAnswerSaysWhatIsWrong) {
  prompting(kEverything);
  scimUser(R"("userName": "CORP/bob")");
  const std::string ticket = ticketFor("s-1", R"({"uid": "zoe", "title": "Dr"})");
  struct Case {
    const char* what;
    void (*spoil)(PromptAnswers&);
    std::vector<std::string> problems;
  };
  const Case cases[] = {
      {"no name", [](PromptAnswers& a) { a.user_name.reset(); }, {"userName missing"}},
      {"empty name", [](PromptAnswers& a) { a.user_name = ""; }, {"userName missing"}},
      {"short name", [](PromptAnswers& a) { a.user_name = "zo"; }, {"userName policy"}},
      {"name with a space", [](PromptAnswers& a) { a.user_name = "z oe"; }, {"userName policy"}},
      {"taken name", [](PromptAnswers& a) { a.user_name = "bob"; }, {"userName taken"}},
      {"no password", [](PromptAnswers& a) { a.password.reset(); }, {"password missing"}},
      {"short password",
       [](PromptAnswers& a) {
         a.password.emplace("abc");
         a.password_confirmation.emplace("abc");
       },
       {"password policy"}},
      {"another password",
       [](PromptAnswers& a) { a.password_confirmation.emplace("correct-hors"); },
       {"passwordConfirmation mismatch"}},
      {"no display name",
       [](PromptAnswers& a) { a.attributes.clear(); },
       {"attributes.displayName missing"}},
      {"an asserted value",
       [](PromptAnswers& a) { a.attributes.emplace_back("title", "King"); },
       {"attributes.title notAskedFor"}},
      {"a value nobody maps",
       [](PromptAnswers& a) { a.attributes.emplace_back("nickName", "King"); },
       {"attributes.nickName notAskedFor"}},
      {"no consent", [](PromptAnswers& a) { a.consents.clear(); }, {"consent.DEFAULT mandatory"}},
      {"refused",
       [](PromptAnswers& a) { a.consents[0].agreed.clear(); },
       {"consent.DEFAULT mandatory"}},
      {"another version",
       [](PromptAnswers& a) { a.consents[0].version = 7; },
       {"consent.DEFAULT outdated"}},
      {"another purpose",
       [](PromptAnswers& a) {
         a.consents.push_back({"marketing", 1, {}});
       },
       {"consent.marketing notAskedFor"}},
      {"nothing at all",
       [](PromptAnswers& a) { a = PromptAnswers(); },
       {"userName missing", "password missing", "consent.DEFAULT mandatory",
        "attributes.displayName missing"}},
  };
  for (const Case& look : cases) {
    SCOPED_TRACE(look.what);
    PromptAnswers answers = everything("zoe");
    look.spoil(answers);
    const auto result = answer(ticket, answers);
    EXPECT_EQ(outcome(result), "prompt");
    EXPECT_EQ(problems(result), look.problems);
    EXPECT_EQ(state(ticket), "open");
  }
  EXPECT_EQ(count("corp.users"), 1);
  EXPECT_EQ(count("control.consent_receipts"), 0);
  EXPECT_EQ(answered(ticket, everything("zoe")), "created");
}

TEST_F(Prompted, ParityChecksANameWithoutTakingIt60000To60005) {
  prompting(kEverything);
  scimUser(R"("userName": "CORP/bob")");
  const std::string ticket = ticketFor("s-1", R"({"uid": "bob"})");
  const auto check = [&](const std::string& name) {
    auto result = must(checkPromptedName(context_, *providers_, ticket, name));
    return (result.problem ? std::string(nameOf(result.problem->reason)) : "free") + " " +
           result.suggestion;
  };
  EXPECT_EQ(check("bob"), "taken bob-2");
  EXPECT_EQ(check("x"), "policy ");
  EXPECT_EQ(check("zoe"), "free ");
  EXPECT_EQ(count("corp.users"), 1);
  prompting("PROMPT_CONSENT");
  const std::string fixed = ticketFor("s-2", R"({"uid": "zoe", "name": "Z"})");
  EXPECT_EQ(checkPromptedName(context_, *providers_, fixed, "zoe").error().code, "JIT-1016");
}

TEST_F(Prompted, StopsWhoeverTriesTooMuch) {
  prompting(kEverything);
  const std::string ticket = ticketFor("s-1", R"({"uid": "zoe"})");
  onlooker_.run("UPDATE " + table("control.prompts") +
                " SET tries = " + std::to_string(kMostTries - 1));
  must(checkPromptedName(context_, *providers_, ticket, "zoe"));
  EXPECT_EQ(checkPromptedName(context_, *providers_, ticket, "zoe").error().code, "JIT-1020");
  EXPECT_EQ(answered(ticket, everything("zoe")), "JIT-1020");
}

TEST_F(Prompted, ATakenOrForbiddenNameThatIsFixedIsRefusedBeforeAnybodyIsAsked) {
  prompting("PROMPT_CONSENT");
  scimUser(R"("userName": "CORP/bob")");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob", "name": "B"})")), "JIT-1203");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "b", "name": "B"})")), "JIT-1202");
  prompting("PROMPT_CONSENT", R"(, "onUserNameTaken": "prompt")");
  const auto result = login("s-1", R"({"uid": "bob", "name": "B"})");
  ASSERT_EQ(outcome(result), "prompt");
  EXPECT_EQ(result.decision->form->user_name->suggestion, "bob-2");
  PromptAnswers answers = agreed();
  answers.user_name = "robert";
  EXPECT_EQ(answered(ticketOf(result), answers), "created");
}

TEST_F(Prompted, ANameThatIsFreeStaysFixedWhateverIsAnswered) {
  prompting("PROMPT_CONSENT", R"(, "onUserNameTaken": "prompt")");
  const std::string ticket = ticketFor("s-1", R"({"uid": "zoe", "name": "Z"})");
  PromptAnswers answers = agreed();
  answers.user_name = "ceo";
  EXPECT_EQ(problems(answer(ticket, answers)), (std::vector<std::string>{"userName notAskedFor"}));
  EXPECT_EQ(checkPromptedName(context_, *providers_, ticket, "ceo").error().code, "JIT-1016");
  EXPECT_EQ(count("corp.users"), 0);
  EXPECT_EQ(userName(answer(ticket, agreed())), "zoe");
}

TEST_F(Prompted, ANameThatTheDomainCannotHoldIsRefusedBeforeAnybodyIsAsked) {
  settings(R"("claims": {"userIdClaim": "uid"}, "jit": {"isEnabled": true, "userstore": "PRIMARY",
      "scheme": "PROMPT_PASSWORD_CONSENT", "prompt": {"returnOrigins": []}})");
  const auto result = login("s-1", R"({"uid": "corp/team/bob"})");
  EXPECT_EQ(outcome(result), "JIT-1202");
  EXPECT_EQ(count("control.prompts"), 0);
}

TEST_F(Prompted, SilentlyProvisionedPeopleAreAskedForATakenNameAlone) {
  prompting("PROVISION_SILENTLY", R"(, "onUserNameTaken": "prompt")");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob", "name": "B"})")), "created");
  const auto result = login("s-2", R"({"uid": "bob", "name": "B"})");
  ASSERT_EQ(outcome(result), "prompt");
  EXPECT_FALSE(result.decision->form->password);
  EXPECT_TRUE(result.decision->form->purposes.empty());
  const std::string ticket = ticketOf(result);
  PromptAnswers answers;
  EXPECT_EQ(problems(answer(ticket, answers)), (std::vector<std::string>{"userName missing"}));
  answers.user_name = "robert";
  EXPECT_EQ(userName(answer(ticket, answers)), "robert");
  // Nobody is here to be asked for what must be there.
  EXPECT_EQ(outcome(login("s-3", R"({"uid": "ann"})")), "JIT-1301");
}

TEST_F(Prompted, AKnownUserIsAskedForConsentAlone) {
  prompting("PROVISION_SILENTLY");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "zoe", "name": "Z"})")), "created");
  prompting(kEverything);
  const auto result = login("s-1", R"({"uid": "zoe", "name": "Z"})");
  ASSERT_EQ(outcome(result), "prompt");
  const PromptForm& form = *result.decision->form;
  EXPECT_TRUE(form.is_known);
  EXPECT_EQ(form.fixed_user_name, "zoe");
  EXPECT_FALSE(form.user_name || form.password);
  ASSERT_EQ(form.purposes.size(), 1);
  EXPECT_EQ(answered(ticketOf(result), agreed()), "unchanged");
  EXPECT_EQ(count("control.consent_receipts"), 1);
  EXPECT_EQ(row(), (std::vector<std::string>{"2|1|unchanged|-"}));
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "zoe", "name": "Z"})")), "unchanged");
  EXPECT_EQ(count("control.prompts"), 1);
}

TEST_F(Prompted, ParityALocalUserIsFoundFirstAndLinkedAfterTheAnswer) {
  prompting(kEverything, R"(, "associateLocalUser": true, "accountLookupAttributeMappings": [
      {"federatedAttribute": "uid", "localAttribute": "userName", "requireVerifiedEmail": false}])");
  scimUser(R"("userName": "CORP/zoe", "displayName": "Z")");
  const auto result = login("s-1", R"({"uid": "zoe", "name": "Z"})");
  ASSERT_EQ(outcome(result), "prompt") << result.decision.error().detail;
  EXPECT_TRUE(result.decision->form->is_known);
  EXPECT_EQ(count("control.federated_identities"), 0);
  EXPECT_EQ(answered(ticketOf(result), agreed()), "linked");
  EXPECT_EQ(count("control.federated_identities"), 1);
  EXPECT_EQ(count("corp.users"), 1);
}

TEST_F(Prompted, AsksForWhatTheSchemaRequiresWhateverTheMappingSays) {
  auto files = scim::test::shippedSchemas();
  for (auto& file : files) {
    if (file.name != "user.json") continue;
    const auto nick_name = file.content.find("\"nickName\"");
    constexpr std::string_view kOptional = "\"required\": false";
    const auto at = file.content.find(kOptional, nick_name);
    ASSERT_NE(at, std::string::npos);
    file.content.replace(at, kOptional.size(), "\"required\": true");
  }
  context_.registry = scim::test::loaded(files);
  context_.user_type = context_.registry->findResourceType("User");
  context_.group_type = context_.registry->findResourceType("Group");
  const auto apply = [&](const std::string& scheme) {
    settings(R"("claims": {"userIdClaim": "uid", "mappings": [
        {"idpClaim": "nick", "attribute": "nickName"}]},
        "jit": {"isEnabled": true, "userstore": "CORP", "scheme": ")" +
             scheme + "\"}");
  };
  for (const char* scheme : {"PROMPT_CONSENT", kEverything}) {
    apply(scheme);
    const auto result = login("s-1", R"({"uid": "zoe"})");
    ASSERT_EQ(outcome(result), "prompt") << scheme << result.decision.error().detail;
    ASSERT_EQ(result.decision->form->attributes.size(), 1);
    EXPECT_EQ(result.decision->form->attributes.front().path, "nickName");
  }
  apply("PROMPT_CONSENT");
  PromptAnswers answers = agreed();
  answers.attributes = {{"nickName", "Zo"}};
  EXPECT_EQ(answered(ticketFor("s-1", R"({"uid": "zoe"})"), answers), "created");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "zoe"})")), "unchanged");
  apply("PROVISION_SILENTLY");
  EXPECT_EQ(outcome(login("s-2", R"({"uid": "ann"})")), "JIT-1301");
}

TEST_F(Prompted, SendsPeopleBackToAllowedOriginsAlone) {
  prompting("PROMPT_CONSENT");
  const struct {
    const char* url;
    const char* outcome;
  } cases[] = {
      {"https://gateway.example/back?x=1", "prompt"},
      {"HTTPS://Gateway.Example:443/back", "prompt"},
      {"", "prompt"},
      {"https://gateway.example.evil.example/", "JIT-1019"},
      {"https://gateway.example@evil.example/", "JIT-1019"},
      {"https://evil.example\\@gateway.example/", "JIT-1019"},
      {"http://gateway.example/", "JIT-1019"},
      {"https://gateway.example:8443/", "JIT-1019"},
      {"//gateway.example/", "JIT-1019"},
      {"javascript:alert(1)", "JIT-1019"},
      {"https://gateway.example/#there", "JIT-1019"},
      {"https://gateway.example/\r\nX: y", "JIT-1019"},
  };
  for (const auto& look : cases) {
    EXPECT_EQ(outcome(loginFrom("s-1", R"({"uid": "zoe", "name": "Z"})", look.url)), look.outcome)
        << look.url;
  }
  const auto result =
      loginFrom("s-1", R"({"uid": "zoe", "name": "Z"})", "https://gateway.example/back?x=1");
  const auto row = must(showPrompt(context_, *providers_, ticketOf(result))).row;
  const std::string back = returnTo(row);
  EXPECT_EQ(back.find("https://gateway.example/back?x=1&vestibulePrompt="), 0) << back;
  EXPECT_EQ(back.size(),
            std::string("https://gateway.example/back?x=1&vestibulePrompt=").size() + 32);
}

TEST_F(Prompted, ExplainShowsWhatWouldBeAskedAndStoresNothing) {
  prompting(kEverything);
  const auto result = ask("s-1", R"({"uid": "zoe"})");
  ASSERT_EQ(outcome(result), "prompt");
  EXPECT_TRUE(result.decision->form->password);
  EXPECT_FALSE(result.decision->opened);
  EXPECT_EQ(count("control.prompts"), 0);
}

TEST_F(Prompted, IsSeenByItsGatewayAndByWhoSeesAllDomains) {
  prompting("PROMPT_CONSENT");
  gateway_.token_id = std::string(32, 'a');
  gateway_.all_domains = false;
  gateway_.domains = {catalog_->current()->findDomain("CORP")->tables().number};
  const auto result = login("s-1", R"({"uid": "zoe", "name": "Z"})");
  ASSERT_EQ(outcome(result), "prompt");
  const auto row = onlooker_.rows("SELECT LOWER(HEX(id)) FROM " + table("control.prompts"));
  directory::Principal other = gateway_;
  other.token_id = std::string(32, 'b');
  const directory::Principal everybody;
  EXPECT_TRUE(findPrompt(context_, gateway_, row.front()));
  EXPECT_TRUE(findPrompt(context_, everybody, row.front()));
  EXPECT_EQ(findPrompt(context_, other, row.front()).error().code, "JIT-1016");
  EXPECT_EQ(findPrompt(context_, everybody, "nonsense").error().code, "JIT-1016");
  // The login goes on with what the gateway may do, not with what the browser may.
  EXPECT_EQ(answered(result.decision->opened->ticket, agreed()), "created");
}

TEST_F(Prompted, GoesByTheSettingsOfTheTimeOfTheAnswer) {
  prompting("PROMPT_CONSENT");
  const std::string ticket = ticketFor("s-1", R"({"uid": "zoe", "name": "Z"})");
  prompting("PROMPT_PASSWORD_CONSENT");
  EXPECT_EQ(problems(answer(ticket, agreed())), (std::vector<std::string>{"password missing"}));
  domainSettings("CORP", R"({"Disabled": true})");
  EXPECT_EQ(answered(ticket, agreed()), "JIT-1103");
  EXPECT_EQ(showPrompt(context_, *providers_, ticket).error().code, "JIT-1103");
  domainSettings("CORP", R"({"Disabled": false})");
  prompting("PROVISION_SILENTLY");
  EXPECT_EQ(answered(ticket, agreed()), "created");
}

class Consented : public Prompted {
 protected:
  Consented() {
    purpose(R"("attributes": [{"attribute": "name", "mandatory": true}, {"attribute": "emails"}])");
    settings(R"("claims": {"userIdClaim": "uid", "mappings": [
      {"idpClaim": "given", "attribute": "name.givenName"},
      {"idpClaim": "title", "attribute": "title"},
      {"idpClaim": "email", "attribute": "emails[type eq \"work\"].value"}]},
      "jit": {"isEnabled": true, "userstore": "CORP", "scheme": "PROMPT_CONSENT",
              "consent": {"purposes": ["card"]}})");
  }
  void purpose(const std::string& members, const std::string& title = "Card") {
    must(providers_->consentPurposes().apply(
        test::parsed(R"({"name": "card", "texts": {"en": {"title": ")" + title +
                     R"(", "description": "D"}}, )" + members + "}")));
  }
  static PromptAnswers agreeing(std::uint32_t version, const std::vector<std::string>& paths) {
    PromptAnswers answers;
    answers.consents = {{"card", version, paths}};
    return answers;
  }
  /// The paths that are asked about.
  static std::vector<std::string> asked(const ProvisionResult& result) {
    std::vector<std::string> paths;
    if (!result.decision || !result.decision->form) return {outcome(result)};
    for (const auto& purpose : result.decision->form->purposes) {
      for (const auto& attribute : purpose.attributes) paths.push_back(attribute.path.text());
    }
    return paths;
  }
  using Paths = std::vector<std::string>;
  static constexpr const char* kZoe =
      R"({"uid": "zoe", "given": "Zoe", "title": "Dr", "email": "z@c.example"})";
};

TEST_F(Consented, ParityMandatoryRefusedMakesNoUserAndOptionalRefusedIsNeverStored) {
  const std::string ticket = ticketFor("s-1", kZoe);
  EXPECT_EQ(problems(answer(ticket, agreeing(1, {"emails"}))),
            (Paths{"consent.card.name mandatory"}));
  EXPECT_EQ(problems(answer(ticket, agreeing(1, {"name", "title"}))),
            (Paths{"consent.card.title notAskedFor"}));
  EXPECT_EQ(count("corp.users"), 0);
  const auto made = answer(ticket, agreeing(1, {"name"}));
  ASSERT_EQ(outcome(made), "created");
  EXPECT_EQ(attributes(made), R"({"name":{"givenName":"Zoe"},"title":"Dr"})");
  // Nor later, whatever else changes, and without a prompt.
  EXPECT_EQ(outcome(login("s-1", kZoe)), "unchanged");
  const auto later =
      login("s-1", R"({"uid": "zoe", "given": "Z", "title": "Prof", "email": "z@d.example"})");
  EXPECT_EQ(outcome(later), "updated");
  EXPECT_EQ(attributes(later), R"({"name":{"givenName":"Z"},"title":"Prof"})");
}

TEST_F(Consented, AnotherIdentityProviderThatAsksNobodyHonoursARefusalToo) {
  const auto made = answer(ticketFor("s-1", kZoe), agreeing(1, {"name"}));
  ASSERT_EQ(outcome(made), "created");
  jitSettings(R"("userstore": "CORP", "attributeSyncMethod": "PRESERVE_LOCAL",
      "associateLocalUser": true, "accountLookupAttributeMappings": [
      {"federatedAttribute": "uid", "localAttribute": "userName"}])",
              "silent");
  const auto linked = login("x-1", kZoe, "silent");
  ASSERT_EQ(outcome(linked), "linked") << linked.decision.error().detail;
  EXPECT_EQ(attributes(linked), R"({"name":{"givenName":"Zoe"},"title":"Dr"})");
}

TEST_F(Consented, ANewVersionAsksAgainOnlyForWhatChanged) {
  ASSERT_EQ(outcome(answer(ticketFor("s-1", kZoe), agreeing(1, {"name"}))), "created");
  // A refusal of something optional is an answer; a new attribute is a question.
  purpose(R"("attributes": [{"attribute": "name", "mandatory": true}, {"attribute": "emails"},
                            {"attribute": "title"}])");
  const auto result = login("s-1", kZoe);
  EXPECT_EQ(asked(result), (Paths{"title"}));
  EXPECT_EQ(answered(ticketOf(result), agreeing(2, {})), "updated");
  EXPECT_EQ(attributes(login("s-1", kZoe)), R"({"name":{"givenName":"Zoe"}})");
  // What was optional and refused becomes mandatory.
  purpose(R"("attributes": [{"attribute": "name", "mandatory": true},
                            {"attribute": "emails", "mandatory": true}, {"attribute": "title"}])");
  const auto again = login("s-1", kZoe);
  EXPECT_EQ(asked(again), (Paths{"emails"}));
  EXPECT_EQ(answered(ticketOf(again), agreeing(3, {"emails"})), "updated");
  EXPECT_EQ(attributes(login("s-1", kZoe)),
            R"({"name":{"givenName":"Zoe"},"emails":[{"value":"z@c.example","type":"work"}]})");
  // Another text is another purpose.
  purpose(R"("attributes": [{"attribute": "name", "mandatory": true},
                            {"attribute": "emails", "mandatory": true}, {"attribute": "title"}])",
          "Card and more");
  EXPECT_EQ(asked(login("s-1", kZoe)), (Paths{"name", "emails", "title"}));
}

TEST_F(Consented, AnAnswerToAPurposeThatChangedMeanwhileIsNotTaken) {
  const std::string ticket = ticketFor("s-1", kZoe);
  purpose(R"("attributes": [{"attribute": "name", "mandatory": true}, {"attribute": "emails"},
                            {"attribute": "title"}])");
  EXPECT_EQ(problems(answer(ticket, agreeing(1, {"name"}))), (Paths{"consent.card outdated"}));
  EXPECT_EQ(answered(ticket, agreeing(2, {"name"})), "created");
}

TEST_F(Consented, WhatIsWithdrawnGoesAndStaysAwayAndTheMandatoryIsAskedForAgain) {
  ASSERT_EQ(outcome(answer(ticketFor("s-1", kZoe), agreeing(1, {"name", "emails"}))), "created");
  const auto receipt =
      onlooker_.rows("SELECT LOWER(HEX(id)) FROM " + table("control.consent_receipts"));
  std::string id = receipt.front();
  for (const std::size_t at : {8U, 13U, 18U, 23U}) id.insert(at, "-");
  EXPECT_TRUE(must(withdrawReceipt(context_, providers_->consentPurposes(), id, {})));
  const auto result = login("s-1", kZoe);
  EXPECT_EQ(asked(result), (Paths{"name"}));
  EXPECT_EQ(answered(ticketOf(result), agreeing(1, {"name"})), "updated");
  EXPECT_EQ(attributes(login("s-1", kZoe)), R"({"name":{"givenName":"Zoe"},"title":"Dr"})");
}

TEST_F(Consented, ARefusedValueThatIsRequiredIsNotAskedForForEver) {
  settings(R"("claims": {"userIdClaim": "uid", "mappings": [
      {"idpClaim": "given", "attribute": "name.givenName"},
      {"idpClaim": "email", "attribute": "emails[type eq \"work\"].value", "required": true}]},
      "jit": {"isEnabled": true, "userstore": "CORP", "scheme": "PROMPT_CONSENT",
              "consent": {"purposes": ["card"]}})");
  constexpr const char* kNoAddress = R"({"uid": "zoe", "given": "Zoe"})";
  const auto first = login("s-1", kNoAddress);
  EXPECT_EQ(first.decision->form->attributes.size(), 1);
  // Whoever agrees has to say it; whoever refuses has not.
  EXPECT_EQ(problems(answer(ticketOf(first), agreeing(1, {"name", "emails"}))),
            (Paths{R"(attributes.emails[type eq "work"].value missing)"}));
  EXPECT_EQ(answered(ticketOf(first), agreeing(1, {"name"})), "created");
  EXPECT_EQ(outcome(login("s-1", kNoAddress)), "unchanged");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "zoe", "given": "Z"})")), "updated");
}

}  // namespace
}  // namespace vestibule::jit
