#include "directory/tokens.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/crypto.h"
#include "base/encoding.h"
#include "contract/jit/jit_test.h"
#include "directory/audit.h"

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

TEST_F(TokensTest, A5_ATokenHas256RandomBits) {
  std::set<std::string> texts;
  for (int i = 0; i < 20; ++i) {
    const auto token = must(create("random-" + std::to_string(i)));
    ASSERT_TRUE(token.text.starts_with("vst_")) << token.text;
    const auto bytes = fromBase64Url(std::string_view(token.text).substr(4));
    ASSERT_TRUE(bytes.has_value()) << token.text;
    EXPECT_EQ(bytes->size(), 32U);
    texts.insert(*bytes);
  }
  EXPECT_EQ(texts.size(), 20U);
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

using std::chrono::hours;
using std::chrono::seconds;

TEST_F(TokensTest, ARotatedTokenHasANewTextAndTheOldOneServesForAWhile) {
  const auto first = must(create("t", "scim:read", Names{"CORP"}));
  const auto id = holderOf(first)->token_id;
  const auto second = must(rotateToken(context_, "t", hours(1), {}));
  ASSERT_NE(second.text, first.text);
  const Timestamp end = second.row.former->expires;
  EXPECT_EQ(end, *second.row.rotated + 3'600'000'000);
  for (const auto* token : {&first, &second}) {
    ASSERT_NE(holderOf(*token, end - 1), nullptr);
    EXPECT_EQ(holderOf(*token, end - 1)->token_id, id);
    EXPECT_TRUE(holderOf(*token, end - 1)->sees(DomainNumber(2)));
  }
  EXPECT_EQ(holderOf(first, end), nullptr);
  EXPECT_NE(holderOf(second, end), nullptr);
  EXPECT_EQ(shown(second, "formerExpires"), "\"" + formatTimestamp(end) + "\"");
}

TEST_F(TokensTest, OfThreeTextsTheFirstIsWorthNothing) {
  const auto first = must(create("t"));
  const auto second = must(rotateToken(context_, "t", hours(1), {}));
  const auto third = must(rotateToken(context_, "t", hours(1), {}));
  EXPECT_EQ(holderOf(first), nullptr);
  EXPECT_NE(holderOf(second), nullptr);
  EXPECT_NE(holderOf(third), nullptr);
  // And revoking means every text.
  must(revokeToken(context_, "t"));
  EXPECT_EQ(holderOf(second), nullptr);
  EXPECT_EQ(holderOf(third), nullptr);
}

TEST_F(TokensTest, WithoutAnOverlapTheOldTextEndsAtOnce) {
  const auto first = must(create("t"));
  must(rotateToken(context_, "t", hours(1), {}));
  const auto third = must(rotateToken(context_, "t", seconds(0), {}));
  EXPECT_EQ(holderOf(first), nullptr);
  EXPECT_NE(holderOf(third), nullptr);
  EXPECT_EQ(count("control.api_tokens WHERE former_sha256 IS NOT NULL"), 0U);
  EXPECT_EQ(shown(third, "formerExpires"), "null");
}

TEST_F(TokensTest, AnOverlapDoesNotOutliveTheToken) {
  const Timestamp soon = now() + 60'000'000;
  const auto first = must(create("t", "jit", {}, soon));
  TokenChange change;
  change.expires.emplace(now() + 7'200'000'000);
  const auto second = must(rotateToken(context_, "t", hours(1), change));
  EXPECT_EQ(second.row.former->expires, soon);
  EXPECT_EQ(holderOf(first, soon), nullptr);
  EXPECT_NE(holderOf(second, soon), nullptr);
  // An expiry that is brought forward ends both.
  change.expires.emplace(now() + 30'000'000);
  const auto row = must(changeToken(context_, "t", change));
  EXPECT_EQ(holderOf(first, *row.expires), nullptr);
  EXPECT_EQ(holderOf(second, *row.expires), nullptr);
}

TEST_F(TokensTest, WhatCannotBeRotatedStaysAsItIs) {
  const auto token = must(create("t"));
  EXPECT_EQ(rotateToken(context_, "other", hours(1), {}).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(rotateToken(context_, "t", seconds(-1), {}).error().attribute, "overlapSeconds");
  EXPECT_EQ(rotateToken(context_, "t", kLongestOverlap + seconds(1), {}).error().attribute,
            "overlapSeconds");
  TokenChange past;
  past.expires.emplace(now() - 1);
  EXPECT_EQ(rotateToken(context_, "t", hours(1), past).error().attribute, "expires");
  EXPECT_EQ(changeToken(context_, "t", past).error().attribute, "expires");
  TokenChange none;
  none.requests_per_minute.emplace(0U);
  EXPECT_EQ(changeToken(context_, "t", none).error().attribute, "requestsPerMinute");
  EXPECT_EQ(changeToken(context_, "other", {}).error().kind, ErrorKind::kNotFound);
  EXPECT_NE(holderOf(token), nullptr);
  // One that has expired comes to life again only with a new expiry.
  onlooker_.run("UPDATE " + prefix_ + "_control.api_tokens SET expires = 1");
  EXPECT_EQ(rotateToken(context_, "t", hours(1), {}).error().attribute, "expires");
  TokenChange open;
  open.expires.emplace();
  EXPECT_NE(holderOf(must(rotateToken(context_, "t", seconds(0), open))), nullptr);
}

TEST_F(TokensTest, OfRotationsAtOnceTheTextsThatServeAreOfTheLastTwo) {
  must(create("t"));
  std::vector<NewToken> made(4);
  std::vector<std::thread> threads;
  for (auto& token : made) {
    threads.emplace_back([&] { token = must(rotateToken(context_, "t", hours(1), {})); });
  }
  for (auto& thread : threads) thread.join();
  must(catalog_->refresh());
  const auto serving = std::count_if(
      made.begin(), made.end(), [&](const NewToken& token) { return holderOf(token) != nullptr; });
  EXPECT_EQ(serving, 2);
}

TEST_F(TokensTest, EveryChangeIsInTheAudit) {
  const Author author{"a-1", "operator", "r-1"};
  must(createToken(context_, {"t", "jit", {}, {}}, author));
  TokenChange change;
  change.requests_per_minute.emplace(60U);
  must(changeToken(context_, "t", change, author));
  must(changeToken(context_, "t", change, author));  // nothing new
  must(rotateToken(context_, "t", hours(1), {}, author));
  must(revokeToken(context_, "t", author));
  EXPECT_FALSE(revokeToken(context_, "t", author));
  const auto events = must(auditOfRequest(context_, "r-1", 10));
  std::vector<std::string> actions;
  for (const auto& event : events) {
    actions.push_back(event.action);
    EXPECT_EQ(event.target, "t");
    EXPECT_EQ(event.actor_id, "a-1");
    EXPECT_EQ(event.actor_name, "operator");
  }
  EXPECT_EQ(actions, (std::vector<std::string>{"token.revoked", "token.rotated", "token.updated",
                                               "token.created"}));
  EXPECT_EQ(events[2].attributes, std::vector<std::string>{"requestsPerMinute"});
}

TEST_F(TokensTest, UsesAreNotedAndTellOfEveryServer) {
  const auto token = must(create("t"));
  const auto other = must(create("other"));
  const auto last = [&](const std::string& name) -> std::optional<Timestamp> {
    for (const auto& row : must(listTokens(context_))) {
      if (row.name == name) return row.last_used;
    }
    return std::nullopt;
  };
  EXPECT_EQ(last("t"), std::nullopt);
  const Timestamp at = now();
  holderOf(token)->activity->last_used = at;
  EXPECT_EQ(last("t"), at);  // before anything is stored
  const auto revision = catalog_->current()->revision();
  must(catalog_->noteTokenUses());
  EXPECT_EQ(count("control.api_tokens WHERE last_used = " + std::to_string(at)), 1U);
  EXPECT_EQ(last("other"), std::nullopt);

  // What another server has noted later stays, and is shown.
  onlooker_.run("UPDATE " + prefix_ + "_control.api_tokens SET last_used = " +
                std::to_string(at + 5) + " WHERE name = 't'");
  holderOf(token)->activity->last_used = at + 3;
  must(catalog_->noteTokenUses());
  EXPECT_EQ(last("t"), at + 5);
  must(catalog_->refresh());
  EXPECT_EQ(catalog_->current()->revision(), revision);

  // A use is remembered across a change of the catalog and a rotation.
  const auto next = must(rotateToken(context_, "t", hours(1), {}));
  EXPECT_EQ(holderOf(next)->activity->last_used.load(), at + 3);
}

}  // namespace
}  // namespace vestibule::directory
