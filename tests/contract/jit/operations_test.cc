// Operations on a real database: what is stored of a request, what running it comes to, and how it
// ends.

#include "jit/operations.h"

#include <future>

#include "base/crypto.h"
#include "contract/jit/jit_test.h"
#include "jit/operation_keys.h"
#include "jit/waiting_login.h"

namespace vestibule::jit::test {
namespace {

using std::chrono::microseconds;
using store::OperationState;

constexpr const char* kZoe = R"({"uid": "zoe.arnold", "title": "Engineer"})";

class OperationsTest : public JitTest {
 protected:
  OperationsTest() {
    gateway_.token_id = std::string(32, 'a');
    gateway_.name = "gateway";
    usual();
  }

  OperationRequest asking(const std::string& subject, std::string_view claims,
                          std::optional<std::string> key = std::nullopt) {
    OperationRequest asked;
    asked.request = request(subject, claims);
    asked.request.correlation_id = "c-1";
    asked.body_digest = sha256(subject + std::string(claims));
    asked.key = std::move(key);
    return asked;
  }
  store::Operation queue(const std::string& subject, std::string_view claims) {
    return must(queueOperation(context_, gateway_, asking(subject, claims)));
  }
  /// Claims what may run, and runs it; the outcomes or codes in order.
  std::vector<std::string> runQueue() {
    std::vector<std::string> outcomes;
    const store::Lease lease(randomBytes(16));
    const auto claimed = must(database_->write([&](store::Session& session) {
      return store::claimOperations(session, database_->controlSchema(), lease, settings_.lease,
                                    100);
    }));
    for (const auto& operation : claimed) {
      outcomes.push_back(outcome(
          runOperation(context_, *providers_, operation, lease, settings_, OnOutage::kPostpone)));
    }
    return outcomes;
  }
  static std::string filled(char with) { return std::string(16, with); }
  store::Operation again(const store::Operation& operation) {
    return must(findOperation(context_, gateway_, textOf(operation.id)));
  }

  OperationSettings settings_;
};

TEST_F(OperationsTest, WhatIsQueuedIsProvisionedWhenItIsRun) {
  const auto queued = queue("s1", kZoe);
  EXPECT_EQ(queued.state, OperationState::kQueued);
  EXPECT_EQ(count("corp.users"), 0U) << "nothing is decided yet";
  EXPECT_EQ(runQueue(), std::vector<std::string>{"created"});
  const auto done = again(queued);
  EXPECT_EQ(done.state, OperationState::kDone);
  EXPECT_EQ(done.outcome, "created");
  EXPECT_EQ(done.code, "");
  EXPECT_EQ(done.groups, R"({"granted":[],"revoked":[],"ignored":[],"created":[]})");
  EXPECT_EQ(done.user, idOf(login("s1", kZoe)));
  EXPECT_EQ(done.domain, done.user->domain());
  EXPECT_FALSE(done.request) << "claims are not kept";
}

TEST_F(OperationsTest, OperationsOfOneSubjectComeToOneUserInTheirOrder) {
  for (const char* title : {"Engineer", "Manager", "Director"}) {
    queue("s1", R"({"uid": "zoe.arnold", "title": ")" + std::string(title) + "\"}");
  }
  EXPECT_EQ(runQueue(), std::vector<std::string>{"created"}) << "the others wait";
  EXPECT_EQ(runQueue(), std::vector<std::string>{"updated"});
  EXPECT_EQ(runQueue(), std::vector<std::string>{"updated"});
  EXPECT_EQ(runQueue(), std::vector<std::string>{});
  EXPECT_EQ(attributes(login("s1", R"({"uid": "zoe.arnold", "title": "Director"})")),
            R"({"title":"Director"})");
}

TEST_F(OperationsTest, WhoseLeaseIsLostWritesNothing) {
  struct Case {
    const char* what;
    const char* claims;
    std::uint64_t users;
  };
  const Case cases[] = {{"a new user", kZoe, 0},
                        {"a known user", R"({"uid": "zoe.arnold", "title": "Director"})", 1}};
  const store::Lease lease(randomBytes(16));
  for (const auto& [what, claims, users] : cases) {
    SCOPED_TRACE(what);
    const auto queued = queue("s1", claims);
    const auto claimed = must(database_->write([&](store::Session& session) {
      return store::claimOperations(session, database_->controlSchema(), lease, microseconds(0), 1);
    }));
    ASSERT_EQ(claimed.size(), 1U);
    must(database_->write([&](store::Session& session) {
      return store::requeueExpired(session, database_->controlSchema(), 1);
    }));
    const auto before = footprint();
    EXPECT_EQ(outcome(runOperation(context_, *providers_, claimed.front(), lease, settings_,
                                   OnOutage::kPostpone)),
              "JIT-1502");
    EXPECT_EQ(footprint(), before);
    EXPECT_EQ(count("corp.users"), users);
    EXPECT_EQ(again(queued).state, OperationState::kQueued) << "whoever claims it now runs it";
    EXPECT_EQ(runQueue().size(), 1U);
    EXPECT_EQ(again(queued).state, OperationState::kDone);
  }
}

TEST_F(OperationsTest, TheEndIsStoredWithWhatTheLoginWrites) {
  const auto queued = queue("s1", kZoe);
  const auto claimed = must(database_->write([&](store::Session& session) {
    return store::claimOperations(session, database_->controlSchema(), store::Lease(filled('L')),
                                  settings_.lease, 1);
  }));
  auto inside = must(readWaitingLogin(claimed.front()));
  inside.request.operation.emplace();
  inside.request.operation->seq = claimed.front().seq;
  inside.request.operation->lease = store::Lease(filled('L'));
  const auto result = provision(context_, *providers_, gateway_, inside.request);
  ASSERT_TRUE(result.decision);
  EXPECT_TRUE(result.decision->end_is_stored);
  const auto done = again(queued);
  EXPECT_EQ(done.state, OperationState::kDone);
  EXPECT_EQ(done.outcome, "created");
  EXPECT_EQ(done.user, idOf(result));
}

TEST_F(OperationsTest, WhoseServerEndedIsForgottenWhereThePersonHasToBeAsked) {
  jitSettings(R"("userstore": "CORP", "scheme": "PROMPT_CONSENT")");
  struct Case {
    const char* what;
    bool can_ask;
    std::uint64_t left;
  };
  for (const auto& [what, can_ask, left] :
       {Case{"a blocking request, which comes again", true, 0}, Case{"a queued one", false, 1}}) {
    SCOPED_TRACE(what);
    auto asked = asking("s1", kZoe, what);
    asked.request.can_ask = can_ask;
    must(queueOperation(context_, gateway_, asked));
    EXPECT_EQ(runQueue(), std::vector<std::string>{"JIT-1411"});
    EXPECT_EQ(count("control.operations"), left);
  }
}

TEST_F(OperationsTest, ARefusalIsAnEnd) {
  const auto queued = queue("s1", R"({"uid": "x"})");
  EXPECT_EQ(runQueue(), std::vector<std::string>{"JIT-1202"});
  const auto done = again(queued);
  EXPECT_EQ(done.state, OperationState::kDone);
  EXPECT_EQ(done.outcome, "refused");
  EXPECT_EQ(done.code, "JIT-1202");
  EXPECT_FALSE(done.detail.empty());
  EXPECT_FALSE(done.user);
}

TEST_F(OperationsTest, AnIdentityProviderThatIsGoneRefuses) {
  queue("s1", kZoe);
  must(providers_->remove("idp"));
  EXPECT_EQ(runQueue(), std::vector<std::string>{"JIT-1001"});
}

TEST_F(OperationsTest, KeepsToTheDomainsOfTheTokenThatAsked) {
  gateway_.all_domains = false;
  gateway_.domains = {DomainNumber(1)};
  const auto queued = queue("s1", kZoe);
  gateway_.all_domains = true;
  EXPECT_EQ(runQueue(), std::vector<std::string>{"JIT-1101"}) << "CORP is not among them";
  EXPECT_EQ(again(queued).outcome, "refused");
}

TEST_F(OperationsTest, AnOutageIsTriedAgainAndThenGivenUp) {
  settings_.attempts = 3;
  settings_.first_wait = settings_.longest_wait = microseconds(0);
  const auto queued = queue("s1", kZoe);
  const std::string users = table("corp.users");
  onlooker_.run("RENAME TABLE " + users + " TO " + users + "_away");
  for (unsigned attempt = 1; attempt < settings_.attempts; ++attempt) {
    EXPECT_EQ(runQueue(), std::vector<std::string>{"JIT-1901"});
    const auto waiting = again(queued);
    EXPECT_EQ(waiting.state, OperationState::kQueued);
    EXPECT_EQ(waiting.attempts, attempt);
    EXPECT_EQ(waiting.code, "JIT-1901");
    EXPECT_FALSE(waiting.detail.empty());
  }
  EXPECT_EQ(runQueue(), std::vector<std::string>{"JIT-1901"});
  const auto dead = again(queued);
  EXPECT_EQ(dead.state, OperationState::kDead);
  EXPECT_TRUE(dead.request);
  EXPECT_EQ(runQueue(), std::vector<std::string>{});

  onlooker_.run("RENAME TABLE " + users + "_away TO " + users);
  must(database_->write([&](store::Session& session) {
    return store::retryOperation(session, database_->controlSchema(), dead.id);
  }));
  EXPECT_EQ(runQueue(), std::vector<std::string>{"created"});
}

TEST_F(OperationsTest, WaitsLongerAfterEachAttempt) {
  settings_.first_wait = std::chrono::seconds(100);
  const auto queued = queue("s1", kZoe);
  const std::string users = table("corp.users");
  const std::string operations = table("control.operations");
  onlooker_.run("RENAME TABLE " + users + " TO " + users + "_away");
  std::int64_t before = 0;
  for (int attempt = 0; attempt < 2; ++attempt) {
    runQueue();
    const auto waiting = again(queued);
    const auto wait = waiting.due - now();
    EXPECT_GT(wait, before + 30'000'000) << "100 s, then 200 s, each up to a quarter less";
    EXPECT_LE(wait, 100'000'000 << attempt);
    before = wait;
    onlooker_.run("UPDATE " + operations + " SET due = 0");
  }
  onlooker_.run("RENAME TABLE " + users + "_away TO " + users);
}

TEST_F(OperationsTest, AKeyStandsForOneRequest) {
  const auto ask = asking("s1", kZoe, "key-1");
  const auto first = must(queueOperation(context_, gateway_, ask));
  EXPECT_EQ(must(queueOperation(context_, gateway_, ask)).id, first.id);
  EXPECT_EQ(count("control.operations"), 1U);

  const auto other = queueOperation(context_, gateway_, asking("s2", kZoe, "key-1"));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, "JIT-1012");

  directory::Principal another = gateway_;
  another.token_id = std::string(32, 'b');
  EXPECT_NE(must(queueOperation(context_, another, ask)).id, first.id) << "keys are a token's own";
  EXPECT_NE(must(queueOperation(context_, gateway_, asking("s1", kZoe, "key-2"))).id, first.id);
}

TEST_F(OperationsTest, OfRequestsUnderOneKeyOneIsBegun) {
  const auto ask = asking("s1", kZoe, "key-1");
  std::vector<std::future<bool>> begun;
  for (int i = 0; i < 16; ++i) {
    begun.push_back(std::async(std::launch::async, [&] {
      return must(beginOperation(context_, gateway_, ask, settings_)).lease.has_value();
    }));
  }
  int leases = 0;
  for (auto& one : begun) leases += one.get() ? 1 : 0;
  EXPECT_EQ(leases, 1);
  EXPECT_EQ(runQueue(), std::vector<std::string>{}) << "who began it runs it";
}

TEST_F(OperationsTest, WhatWasBegunIsRunAndRemembered) {
  const auto ask = asking("s1", kZoe, "key-1");
  const auto begun = must(beginOperation(context_, gateway_, ask, settings_));
  EXPECT_EQ(outcome(runOperation(context_, *providers_, begun.operation, *begun.lease, settings_,
                                 OnOutage::kForget)),
            "created");
  const auto later = must(beginOperation(context_, gateway_, ask, settings_));
  EXPECT_FALSE(later.lease);
  EXPECT_EQ(later.operation.outcome, "created");
  EXPECT_EQ(count("corp.users"), 1U);
}

TEST_F(OperationsTest, AnOutageFreesTheKeyOfWhoWaits) {
  const auto ask = asking("s1", kZoe, "key-1");
  const auto begun = must(beginOperation(context_, gateway_, ask, settings_));
  const std::string users = table("corp.users");
  onlooker_.run("RENAME TABLE " + users + " TO " + users + "_away");
  runOperation(context_, *providers_, begun.operation, *begun.lease, settings_, OnOutage::kForget);
  onlooker_.run("RENAME TABLE " + users + "_away TO " + users);
  EXPECT_EQ(count("control.operations"), 0U);
  EXPECT_TRUE(must(beginOperation(context_, gateway_, ask, settings_)).lease);
}

TEST_F(OperationsTest, IsShownToItsTokenAndToThoseWhoSeeAllDomains) {
  gateway_.all_domains = false;
  gateway_.domains = {DomainNumber(2)};
  const auto queued = queue("s1", kZoe);
  const std::string id = textOf(queued.id);
  EXPECT_TRUE(findOperation(context_, gateway_, id));
  directory::Principal another = gateway_;
  another.token_id = std::string(32, 'b');
  const auto hidden = findOperation(context_, another, id);
  ASSERT_FALSE(hidden);
  EXPECT_EQ(hidden.error().code, "JIT-1014");
  another.all_domains = true;
  EXPECT_TRUE(findOperation(context_, another, id));
  for (const char* wrong :
       {"", "x", "00000000000000000000000000000000", "zz000000000000000000000000000000"}) {
    EXPECT_FALSE(findOperation(context_, gateway_, wrong)) << wrong;
  }
}

TEST_F(OperationsTest, ARowThatCannotBeReadIsGivenUp) {
  const auto queued = queue("s1", kZoe);
  for (const char* text : {"NULL", "'{'", "'{}'", R"('{"claims":1,"verified":true,"token":"t"}')",
                           R"('{"claims":{},"verified":true,"token":"t","domains":[70000]}')"}) {
    onlooker_.run("UPDATE " + table("control.operations") +
                  " SET state = 1, due = 0, request = " + text);
    EXPECT_EQ(runQueue(), std::vector<std::string>{"JIT-1902"}) << text;
    EXPECT_EQ(again(queued).state, OperationState::kDead) << text;
  }
}

TEST_F(OperationsTest, IsAcceptedOrRefusedBeforeItWaits) {
  const auto provider = [&] { return must(providers_->find(*catalog_->current(), "idp")); };
  EXPECT_EQ(must(accept(*provider(), request("s1", kZoe))).subject, Subject("s1"));
  const auto no_subject = accept(*provider(), request("", kZoe));
  ASSERT_FALSE(no_subject);
  EXPECT_EQ(no_subject.error().code, "JIT-1003");
  auto with_token = request("", "{}");
  with_token.id_token = "a.b.c";
  const auto no_tokens = accept(*provider(), with_token);
  ASSERT_FALSE(no_tokens);
  EXPECT_EQ(no_tokens.error().code, "JIT-1602");
  settings(R"("enabled": false)");
  const auto disabled = accept(*provider(), request("s1", kZoe));
  ASSERT_FALSE(disabled);
  EXPECT_EQ(disabled.error().code, "JIT-1002");
}

}  // namespace
}  // namespace vestibule::jit::test
