#include "directory/tokens.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/crypto.h"
#include "contract/jit/jit_test.h"

namespace vestibule::directory {
namespace {

class TokensTest : public jit::test::JitTest {
 protected:
  using Names = std::vector<std::string>;
  Result<NewToken> create(const std::string& name, const std::string& scopes = "jit",
                          std::optional<Names> domains = {},
                          std::optional<Timestamp> expires = {}) {
    return createToken(context_, {name, scopes, std::move(domains), expires, {}});
  }
  const Principal* holderOf(const NewToken& token, Timestamp at = now()) {
    held_ = catalog_->current();
    return held_->findPrincipal(sha256(token.text), at);
  }
  std::string shown(const NewToken& token, std::string_view key) {
    return json::write(*describeToken(token.row, *catalog_->current()).find(key));
  }

 private:
  std::shared_ptr<const Catalog> held_;
};

TEST_F(TokensTest, ATokenOpensWhatItIsMadeFor) {
  const auto all = must(create("all", "scim:read"));
  ASSERT_NE(holderOf(all), nullptr);
  EXPECT_TRUE(holderOf(all)->all_domains);
  EXPECT_TRUE(holderOf(all)->has(Scope::kScimRead));
  EXPECT_FALSE(holderOf(all)->has(Scope::kScimWrite));
  EXPECT_EQ(shown(all, "allDomains"), "true");
  EXPECT_EQ(shown(all, "domains"), "[]");

  const auto bound = must(create("bound", "scim:read", Names{"corp", "CORP"}));
  EXPECT_FALSE(holderOf(bound)->all_domains);
  EXPECT_TRUE(holderOf(bound)->sees(DomainNumber(2)));
  EXPECT_FALSE(holderOf(bound)->sees(DomainNumber(1)));
  EXPECT_EQ(shown(bound, "allDomains"), "false");
  EXPECT_EQ(shown(bound, "domains"), R"(["CORP"])");

  must(revokeToken(context_, "bound"));
  EXPECT_EQ(holderOf(bound), nullptr);
  EXPECT_EQ(revokeToken(context_, "bound").error().kind, ErrorKind::kNotFound);
}

TEST_F(TokensTest, ATokenMayHaveTolerancesOfItsOwn) {
  const auto plain = must(create("plain"));
  EXPECT_FALSE(holderOf(plain)->tolerances.has_value());
  EXPECT_EQ(shown(plain, "tolerances"), "null");
  const auto strict =
      must(createToken(context_, {"strict", "scim:read", {}, {}, "strict,+string_booleans"}));
  EXPECT_EQ(holderOf(strict)->tolerances, scim::Tolerances{scim::Tolerance::kStringBooleans});
  EXPECT_EQ(shown(strict, "tolerances"), R"("strict,+string_booleans")");
  const auto wrong = createToken(context_, {"wrong", "scim:read", {}, {}, "lenient"});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::kInvalidValue);
  EXPECT_EQ(wrong.error().attribute, "tolerances");

  // What some later version wrote must not be read as something else.
  onlooker_.run("UPDATE " + prefix_ +
                "_control.api_tokens SET tolerances = 'strict,+of_tomorrow' " +
                "WHERE name = 'strict'");
  must(catalog_->refresh());
  EXPECT_EQ(holderOf(strict), nullptr);
  EXPECT_NE(holderOf(plain), nullptr);
}

TEST_F(TokensTest, ATokenMayBeBoundToAUser) {
  const auto nobodys = must(create("nobody's", "scim:read"));
  EXPECT_EQ(holderOf(nobodys)->user, std::nullopt);
  EXPECT_EQ(shown(nobodys, "user"), "null");

  usual();
  const auto bob = must(login("s1", R"({"uid": "bob"})").decision).user->resource.meta.id;
  const auto by_id =
      must(createToken(context_, {"by id", "me:read scim:write", {}, {}, {}, bob.text(), {}, {}}));
  const auto by_subject = must(
      createToken(context_, {"by subject", "me:write", Names{"CORP"}, {}, {}, {}, "idp", "s1"}));
  for (const auto* token : {&by_id, &by_subject}) {
    EXPECT_EQ(holderOf(*token)->user, bob);
    EXPECT_EQ(shown(*token, "user"), "\"" + bob.text() + "\"");
  }
  EXPECT_EQ(shown(by_id, "scopes"), R"("scim:write me:read")");
  EXPECT_TRUE(holderOf(by_id)->has(Scope::kMeRead));
  EXPECT_FALSE(holderOf(by_id)->has(Scope::kScimRead));

  // Whoever has the subject later is somebody else.
  const directory::View everywhere =
      must(View::overAllDomains(catalog_->current(), *holderOf(nobodys), "", {}));
  must(deleteUser(context_, everywhere, bob.text(), {}));
  const auto next = must(login("s1", R"({"uid": "bob"})").decision).user->resource.meta.id;
  EXPECT_NE(next, bob);
  must(catalog_->refresh());
  EXPECT_EQ(holderOf(by_subject)->user, bob);
  EXPECT_EQ(shown(by_subject, "user"), "\"" + bob.text() + "\"");
}

TEST_F(TokensTest, WhatNoTokenCanBeBoundToIsRefused) {
  usual();
  const auto bob = must(login("s1", R"({"uid": "bob"})").decision).user->resource.meta.id;
  const auto never = [](DomainNumber domain, ResourceKind kind) {
    return ResourceId::generate(domain, kind).text();
  };
  using Text = std::optional<std::string>;
  const struct {
    const char* name;
    std::string scopes;
    std::optional<Names> domains;
    Text user;
    Text provider;
    Text subject;
    std::string attribute;
  } cases[] = {
      {"me:read for nobody", "me:read", {}, {}, {}, {}, "scopes"},
      {"scim:privileged by itself", "scim:read scim:privileged", {}, {}, {}, {}, "scopes"},
      {"scim:privileged with me:write",
       "me:write scim:privileged",
       {},
       bob.text(),
       {},
       {},
       "scopes"},
      {"me:write for nobody", "scim:read me:write", {}, {}, {}, {}, "scopes"},
      {"a user and nothing that is for one", "jit admin", {}, bob.text(), {}, {}, "scopes"},
      {"no id", "me:read", {}, "bob", {}, {}, "user"},
      {"an empty id", "me:read", {}, "", {}, {}, "user"},
      {"an id that nobody has", "me:read", {}, never(bob.domain(), bob.kind()), {}, {}, "user"},
      {"an id of no domain", "me:read", {}, never(DomainNumber(77), bob.kind()), {}, {}, "user"},
      {"an id of a group",
       "me:read",
       {},
       never(bob.domain(), ResourceKind::kGroup),
       {},
       {},
       "user"},
      {"a user of another domain", "me:read", Names{"PRIMARY"}, bob.text(), {}, {}, "user"},
      {"the same by subject", "me:read", Names{"PRIMARY"}, {}, "idp", "s1", "user"},
      {"an unknown identity provider", "me:read", {}, {}, "other", "s1", "identityProvider"},
      {"an unknown subject", "me:read", {}, {}, "idp", "S1", "subject"},
      {"an empty subject", "me:read", {}, {}, "idp", "", "subject"},
      {"no subject", "me:read", {}, {}, "idp", {}, "subject"},
      {"no identity provider", "me:read", {}, {}, {}, "s1", "identityProvider"},
      {"twice", "me:read", {}, bob.text(), "idp", "s1", "user"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto made =
        createToken(context_, {"t", c.scopes, c.domains, {}, {}, c.user, c.provider, c.subject});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, ErrorKind::kInvalidValue);
    EXPECT_EQ(made.error().attribute, c.attribute) << made.error().detail;
  }
  EXPECT_EQ(count("control.api_tokens"), 0U);
}

TEST_F(TokensTest, ATokenEnds) {
  const auto token = must(create("t", "jit", {}, now() + 60'000'000));
  EXPECT_NE(holderOf(token), nullptr);
  EXPECT_EQ(holderOf(token, *token.row.expires), nullptr);
}

TEST_F(TokensTest, NoDomainIsNotAllDomains) {
  const auto none = create("t", "jit", Names{});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::kInvalidValue);
  EXPECT_EQ(none.error().attribute, "domains");
  EXPECT_FALSE(create("t", "jit", Names{""}));

  // Nor is what is left when the row has lost its domains, or holds what nobody can read.
  const auto token = must(create("t", "jit", Names{"CORP"}));
  for (const char* numbers : {"", "CORP", "2x", "70000"}) {
    SCOPED_TRACE(numbers);
    onlooker_.run("UPDATE " + prefix_ + "_control.api_tokens SET domain_numbers = '" + numbers +
                  "'");
    must(catalog_->refresh());
    ASSERT_NE(holderOf(token), nullptr);
    EXPECT_FALSE(holderOf(token)->all_domains);
    EXPECT_FALSE(holderOf(token)->sees(DomainNumber(2)));
    EXPECT_FALSE(holderOf(token)->sees(DomainNumber(1)));
  }
}

TEST_F(TokensTest, WhatCannotBeATokenIsRefused) {
  for (const std::string name :
       {"", "a/b", ".", "..", " a", "a ", "line\nbreak", "\x1b[2J", "\x7f", "\xff"}) {
    SCOPED_TRACE(testing::PrintToString(name));
    const auto made = create(name);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, ErrorKind::kInvalidValue);
    EXPECT_EQ(made.error().attribute, "name");
  }
  EXPECT_FALSE(create(std::string(256, 'a')));
  EXPECT_FALSE(create("t", "root"));
  EXPECT_FALSE(create("t", ""));
  EXPECT_FALSE(create("t", "jit", Names{"NOWHERE"}));
  EXPECT_FALSE(create("t", "jit", {}, now() - 1));
  EXPECT_EQ(count("control.api_tokens"), 0U);
  must(create("Zoë's token (Łódź)"));
  EXPECT_EQ(create("Zoë's token (Łódź)").error().kind, ErrorKind::kUniqueness);
}

}  // namespace
}  // namespace vestibule::directory
