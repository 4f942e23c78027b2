#include "jit/identity_providers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "contract/jit/jit_test.h"
#include "store/identity_provider_store.h"

namespace vestibule::jit {
namespace {

class IdentityProvidersTest : public test::JitTest {
 protected:
  Result<AppliedIdentityProvider> apply(std::string_view document,
                                        const directory::Preconditions& conditions = {}) {
    return providers_->apply(test::parsed(document), conditions);
  }
};

TEST_F(IdentityProvidersTest, AreCreatedReplacedAndLeftAlone) {
  const auto made = must(apply(R"({"name": "okta", "description": "one"})"));
  EXPECT_TRUE(made.created);
  EXPECT_EQ(made.view.version, Version(1));
  const auto same = must(apply(R"({"name": "okta", "description": "one", "enabled": true})"));
  EXPECT_FALSE(same.created);
  EXPECT_EQ(same.view.version, Version(1));
  const auto changed = must(apply(R"({"name": "okta", "enabled": false})"));
  EXPECT_FALSE(changed.created);
  EXPECT_EQ(changed.view.version, Version(2));
  EXPECT_EQ(changed.view.document.find("description")->string()->size(), 0U);
  EXPECT_EQ(json::write(must(providers_->get("okta")).document),
            json::write(changed.view.document));
}

TEST_F(IdentityProvidersTest, AreListedByName) {
  for (const char* name : {"b", "a", "c"}) {
    must(apply(R"({"name": ")" + std::string(name) + "\"}"));
  }
  std::vector<std::string> names;
  for (const auto& view : providers_->list()) {
    names.push_back(*view.document.find("name")->string());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(providers_->get("A").error().kind, ErrorKind::kNotFound);
}

TEST_F(IdentityProvidersTest, ArePatchedByMerging) {
  must(apply(R"({"name": "okta", "claims": {"userIdClaim": "uid", "roleClaim": "groups"}})"));
  const auto changed = must(providers_->patch(
      "okta", test::parsed(R"({"claims": {"roleClaim": null}, "jit": {"isEnabled": true}})"),
      ifMatch(1)));
  EXPECT_EQ(changed.version, Version(2));
  const json::Value document = changed.document;
  EXPECT_EQ(document.find("claims")->stringAt("userIdClaim"), "uid");
  EXPECT_EQ(document.find("claims")->stringAt("roleClaim"), "");
  EXPECT_EQ(document.find("jit")->boolAt("isEnabled"), true);

  const auto kind = [&](std::string_view patch, const directory::Preconditions& conditions = {}) {
    return providers_->patch("okta", test::parsed(patch), conditions).error().kind;
  };
  EXPECT_EQ(kind(R"({"name": "other"})"), ErrorKind::kMutability);
  EXPECT_EQ(kind(R"({"name": null})"), ErrorKind::kInvalidValue);
  EXPECT_EQ(kind(R"({"jit": {"scheme": "PROMPT"}})"), ErrorKind::kInvalidValue);
  EXPECT_EQ(kind(R"({"jit": {"userstore": "GONE"}})"), ErrorKind::kInvalidValue);
  EXPECT_EQ(kind("[]"), ErrorKind::kInvalidSyntax);
  EXPECT_EQ(kind("{}", ifMatch(1)), ErrorKind::kVersionMismatch);
  EXPECT_EQ(must(providers_->get("okta")).version, Version(2));
}

TEST_F(IdentityProvidersTest, AreProtectedByTheirVersion) {
  EXPECT_EQ(apply(R"({"name": "okta"})", ifMatch(1)).error().kind, ErrorKind::kVersionMismatch);
  must(apply(R"({"name": "okta"})"));
  EXPECT_EQ(apply(R"({"name": "okta", "enabled": false})", ifMatch(2)).error().kind,
            ErrorKind::kVersionMismatch);
  EXPECT_EQ(must(apply(R"({"name": "okta", "enabled": false})", ifMatch(1))).view.version,
            Version(2));
  EXPECT_EQ(providers_->remove("okta", ifMatch(1)).error().kind, ErrorKind::kVersionMismatch);
  must(providers_->remove("okta", ifMatch(2)));
  EXPECT_EQ(providers_->remove("okta").error().kind, ErrorKind::kNotFound);
}

TEST_F(IdentityProvidersTest, TakeTheirFederatedIdentitiesAlongButNotTheUsers) {
  usual();
  const auto first = login("s-1", R"({"uid": "bob"})");
  ASSERT_EQ(outcome(first), "created");
  must(providers_->remove("idp"));
  EXPECT_EQ(count("control.federated_identities"), 0U);
  EXPECT_EQ(count("corp.users"), 1U);
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob"})")), "JIT-1001");
  // Under the same name comes another identity provider, which owns nothing of the first.
  usual();
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob"})")), "JIT-1203");
}

TEST_F(IdentityProvidersTest, AreUsedAsSoonAsTheyAreChanged) {
  usual();
  ASSERT_EQ(outcome(login("s-1", R"({"uid": "bob"})")), "created");
  must(providers_->patch("idp", test::parsed(R"({"enabled": false})")));
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob"})")), "JIT-1002");
}

TEST_F(IdentityProvidersTest, OfAnotherVersionAreRefusedByName) {
  usual();
  onlooker_.run(
      "UPDATE " + prefix_ +
      R"(_control.identity_providers SET settings = '{"name": "idp", "later": 1}', version = version + 1)");
  must(catalog_->refresh());
  const auto result = login("s-1", R"({"uid": "bob"})");
  EXPECT_EQ(outcome(result), "JIT-1005");
  EXPECT_NE(result.decision.error().detail.find("/later"), std::string::npos);
  EXPECT_EQ(providers_->list().size(), 1U);
}

TEST_F(IdentityProvidersTest, AreMadeAtOnceByOneOnlyWhenTheyMustNotBeThere) {
  std::vector<std::thread> threads;
  std::vector<bool> made(8);
  std::mutex mutex;
  for (std::size_t i = 0; i < made.size(); ++i) {
    threads.emplace_back([&, i] {
      const auto document = R"({"name": "okta", "description": ")" + std::to_string(i) + "\"}";
      const auto created = providers_->create(test::parsed(document));
      const std::lock_guard lock(mutex);
      made[i] = created.has_value();
      EXPECT_TRUE(created || created.error().kind == ErrorKind::kUniqueness);
    });
  }
  for (auto& thread : threads) thread.join();
  ASSERT_EQ(std::count(made.begin(), made.end(), true), 1);
  const auto winner = std::find(made.begin(), made.end(), true) - made.begin();
  EXPECT_EQ(*must(providers_->get("okta")).document.find("description")->string(),
            std::to_string(winner));
}

TEST_F(IdentityProvidersTest, AreNotMadeWhereTheyMustBeThere) {
  directory::Preconditions any;
  any.has_if_match = any.if_match_any = true;
  EXPECT_EQ(apply(R"({"name": "okta"})", any).error().kind, ErrorKind::kVersionMismatch);
  EXPECT_TRUE(providers_->list().empty());
  must(apply(R"({"name": "okta"})"));
  EXPECT_FALSE(must(apply(R"({"name": "okta", "enabled": false})", any)).created);
  auto several = ifMatch(9);
  several.if_match.emplace_back("\"2\"");
  EXPECT_EQ(must(apply(R"({"name": "okta"})", several)).view.version, Version(3));
}

TEST_F(IdentityProvidersTest, CannotPointAtADomainThatHasJustGone) {
  // As a process that has not heard of the deletion yet: its catalog still has the domain.
  must(directory::createDomain(context_, migrations_, test::parsed(R"({"name": "GOING"})")));
  auto& database = *database_;
  const auto stale = must(jit::compileIdentityProvider(
      *context_.registry, *context_.user_type,
      test::parsed(R"({"name": "okta", "jit": {"userstore": "GOING"}})")));
  must(directory::deleteDomain(context_, "GOING", "GOING", {}));
  const auto stored = database.write([&](store::Session& session) {
    return store::insertIdentityProvider(session, database.controlSchema(), "okta", "{}",
                                         {domainsNamedBy(stale), {}}, {"cli"});
  });
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().kind, ErrorKind::kInvalidValue);
  EXPECT_EQ(count("control.identity_providers"), 0U);
}

TEST_F(IdentityProvidersTest, OfOneNameMadeAtOnceAreOne) {
  std::vector<std::thread> threads;
  std::vector<int> created(8, 0);
  for (int& made : created) {
    threads.emplace_back([&made, this] {
      const auto applied = apply(R"({"name": "okta", "enabled": true})");
      made = !applied ? -1 : applied->created ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(std::count(created.begin(), created.end(), 1), 1);
  EXPECT_EQ(std::count(created.begin(), created.end(), -1), 0);
  EXPECT_EQ(count("control.identity_providers"), 1U);
}

}  // namespace
}  // namespace vestibule::jit
