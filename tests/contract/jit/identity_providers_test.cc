#include "jit/identity_providers.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "contract/jit/jit_test.h"

namespace vestibule::jit {
namespace {

class IdentityProvidersTest : public test::JitTest {
 protected:
  Result<AppliedIdentityProvider> apply(std::string_view document,
                                        std::optional<Version> expected = std::nullopt) {
    return providers_->apply(test::parsed(document), expected);
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
      Version(1)));
  EXPECT_EQ(changed.version, Version(2));
  const json::Value document = changed.document;
  EXPECT_EQ(document.find("claims")->stringAt("userIdClaim"), "uid");
  EXPECT_EQ(document.find("claims")->stringAt("roleClaim"), "");
  EXPECT_EQ(document.find("jit")->boolAt("isEnabled"), true);

  const auto kind = [&](std::string_view patch, std::optional<Version> expected = std::nullopt) {
    return providers_->patch("okta", test::parsed(patch), expected).error().kind;
  };
  EXPECT_EQ(kind(R"({"name": "other"})"), ErrorKind::kMutability);
  EXPECT_EQ(kind(R"({"name": null})"), ErrorKind::kInvalidValue);
  EXPECT_EQ(kind(R"({"jit": {"scheme": "PROMPT_CONSENT"}})"), ErrorKind::kNotImplemented);
  EXPECT_EQ(kind(R"({"jit": {"userstore": "GONE"}})"), ErrorKind::kInvalidValue);
  EXPECT_EQ(kind("[]"), ErrorKind::kInvalidSyntax);
  EXPECT_EQ(kind("{}", Version(1)), ErrorKind::kVersionMismatch);
  EXPECT_EQ(must(providers_->get("okta")).version, Version(2));
}

TEST_F(IdentityProvidersTest, AreProtectedByTheirVersion) {
  EXPECT_EQ(apply(R"({"name": "okta"})", Version(1)).error().kind, ErrorKind::kVersionMismatch);
  must(apply(R"({"name": "okta"})"));
  EXPECT_EQ(apply(R"({"name": "okta", "enabled": false})", Version(2)).error().kind,
            ErrorKind::kVersionMismatch);
  EXPECT_EQ(must(apply(R"({"name": "okta", "enabled": false})", Version(1))).view.version,
            Version(2));
  EXPECT_EQ(providers_->remove("okta", Version(1)).error().kind, ErrorKind::kVersionMismatch);
  must(providers_->remove("okta", Version(2)));
  EXPECT_EQ(providers_->remove("okta", std::nullopt).error().kind, ErrorKind::kNotFound);
}

TEST_F(IdentityProvidersTest, TakeTheirFederatedIdentitiesAlongButNotTheUsers) {
  usual();
  const auto first = login("s-1", R"({"uid": "bob"})");
  ASSERT_EQ(outcome(first), "created");
  must(providers_->remove("idp", std::nullopt));
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
  must(providers_->patch("idp", test::parsed(R"({"enabled": false})"), std::nullopt));
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

TEST_F(IdentityProvidersTest, OfOneNameMadeAtOnceAreOne) {
  std::vector<std::thread> threads;
  std::vector<int> created(8, 0);
  for (std::size_t i = 0; i < created.size(); ++i) {
    threads.emplace_back([&, i] {
      const auto applied = apply(R"({"name": "okta", "enabled": true})");
      created[i] = !applied ? -1 : applied->created ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(std::count(created.begin(), created.end(), 1), 1);
  EXPECT_EQ(std::count(created.begin(), created.end(), -1), 0);
  EXPECT_EQ(count("control.identity_providers"), 1U);
}

}  // namespace
}  // namespace vestibule::jit
