// What an identity-aware proxy is answered, without a socket.

#include "http/forward_auth.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "contract/jit/jit_test.h"
#include "directory/tokens.h"

namespace vestibule::http {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

class ForwardAuthTest : public jit::test::JitTest {
 protected:
  ForwardAuthTest() {
    addForwardAuthRoute(router_, context_, *providers_);
    token_ = token("proxy", "jit");
    domainSettings("CORP", R"({"RolenameJavaRegEx": "^.+$", "RolenameJavaScriptRegEx": "^.+$"})");
  }

  std::string token(const std::string& name, const std::string& scopes) {
    auto made = must(directory::createToken(context_, {name, scopes, {}, {}}));
    must(catalog_->refresh());
    return made.text;
  }
  /// The usual settings and a proxy's headers.
  void behindProxy(const std::string& jit = kSettings, const std::string& seconds = "10") {
    settings(std::string(kClaims) + ", " + jit + R"(, "forwardAuth": {"subjectHeader": "X-User",
        "cacheSeconds": )" +
             seconds + R"(, "claimHeaders": [{"header": "X-Name", "claim": "uid"},
        {"header": "X-Title", "claim": "title"},
        {"header": "X-Groups", "claim": "groups", "separator": ","}]})");
  }

  Request requestWith(const Fields& fields, const std::string& provider = "idp") const {
    Request request;
    request.path = "/jit/v1/forward-auth";
    if (!provider.empty()) request.query.emplace_back("identityProvider", provider);
    if (!token_.empty()) request.headers.add("Authorization", "Bearer " + token_);
    for (const auto& [name, value] : fields) request.headers.add(name, value);
    return request;
  }
  const Route& route() const { return *router_.find(Method::kGet, "/jit/v1/forward-auth").route; }
  Response ask(const Fields& fields, const std::string& provider = "idp") const {
    return route().handler(requestWith(fields, provider));
  }
  std::optional<Response> atHand(const Fields& fields) const {
    return route().options.answer_at_hand(requestWith(fields));
  }
  static std::string header(const Response& response, const char* name) {
    return std::string(response.headers.first(name).value_or("(none)"));
  }
  static std::string codeOf(const Response& response) {
    return std::string(jit::test::parsed(response.body).stringAt("code").value_or("(none)"));
  }

  Router router_;
  std::string token_;
};

const Fields kBob{{"X-User", "s-1"}, {"X-Name", "bob"}};

TEST_F(ForwardAuthTest, ProvisionsWhomTheHeadersNameAndSaysWhoThatIs) {
  behindProxy();
  group("CORP/writers");
  const auto first = ask({{"X-User", "s-1"},
                          {"X-Name", "bob"},
                          {"X-Title", "Łódź"},
                          {"X-Groups", " writers, ,absent"}});
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(header(first, "X-Vestibule-Outcome"), "created");
  EXPECT_EQ(header(first, "X-Vestibule-User-Name"), "bob");
  EXPECT_EQ(header(first, "X-Vestibule-Domain"), "CORP");
  EXPECT_EQ(header(first, "X-Vestibule-Groups"), "writers");
  EXPECT_EQ(header(first, "Cache-Control"), "no-store");
  EXPECT_TRUE(first.body.empty());
  const auto id = header(first, "X-Vestibule-User-Id");
  const auto stored = login("s-1", R"({"uid": "bob", "title": "Łódź", "groups": ["writers"]})");
  EXPECT_EQ(idOf(stored).text(), id);
}

TEST_F(ForwardAuthTest, NamesThatAreNoPlainTextArePercentEncoded) {
  behindProxy();
  const auto odd = group("CORP/a, 50% więcej");
  const auto first = ask(kBob);
  ASSERT_EQ(first.status, 200);
  changeMembers(odd, R"({"op": "add", "path": "members", "value": [{"value": ")" +
                         header(first, "X-Vestibule-User-Id") + "\"}]}");
  const auto other = ask({{"X-User", "s-1"}, {"X-Name", "bob"}, {"X-Title", "t"}});
  EXPECT_EQ(header(other, "X-Vestibule-Groups"), "a%2C%2050%25%20wi%C4%99cej");
}

TEST_F(ForwardAuthTest, AnswersOnceMoreFromMemoryWhileNothingChanges) {
  behindProxy();
  EXPECT_FALSE(atHand(kBob));
  const auto first = ask(kBob);
  const auto kept = atHand(kBob);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->status, 200);
  EXPECT_EQ(header(*kept, "X-Vestibule-User-Id"), header(first, "X-Vestibule-User-Id"));
  EXPECT_EQ(header(*kept, "X-Vestibule-Outcome"), "unchanged");
  EXPECT_NE(header(*kept, "X-Correlation-Id"), header(first, "X-Correlation-Id"));

  // Every word that the answer depends on is part of the key.
  EXPECT_FALSE(atHand({{"X-User", "s-2"}, {"X-Name", "bob"}}));
  EXPECT_FALSE(atHand({{"X-User", "s-1"}, {"X-Name", "bob2"}}));
  EXPECT_FALSE(atHand({{"X-User", "s-1"}, {"X-Name", "bob"}, {"X-Title", "t"}}));
  EXPECT_FALSE(atHand({{"X-User", "s-1"}, {"X-Name", "bob"}, {"X-Groups", ""}}));
  EXPECT_FALSE(atHand({{"X-User", "s-1"}, {"X-User", "s-1"}, {"X-Name", "bob"}}));
  EXPECT_TRUE(atHand({{"X-Unrelated", "x"}, {"x-name", "bob"}, {"x-user", "s-1"}}));
  const auto mine = token_;
  token_ = token("other proxy", "jit");
  EXPECT_FALSE(atHand(kBob));
  token_ = mine;

  // Whatever an administrator changes, settings, tokens or domains, begins anew.
  ask(kBob);
  EXPECT_TRUE(atHand(kBob));
  domainSettings("CORP", R"({"Disabled": true})");
  EXPECT_FALSE(atHand(kBob));
  EXPECT_EQ(ask(kBob).status, 403);
}

TEST_F(ForwardAuthTest, KeepsNothingButAnswersAboutUsersAndForNoTimeAtAll) {
  behindProxy(kSettings, "0");
  EXPECT_EQ(ask(kBob).status, 200);
  EXPECT_FALSE(atHand(kBob));

  behindProxy();
  EXPECT_EQ(ask({}).status, 401);
  EXPECT_FALSE(atHand({}));
  EXPECT_EQ(ask({{"X-User", "s-9"}, {"X-Name", "no such/..name*"}}).status, 403);
  EXPECT_FALSE(atHand({{"X-User", "s-9"}, {"X-Name", "no such/..name*"}}));
  token_.clear();
  EXPECT_FALSE(atHand(kBob));
}

TEST_F(ForwardAuthTest, AWorkerAnswersFromMemoryAsWell) {
  // Beyond some answers in a short time a connection's requests go to workers unasked.
  behindProxy();
  const auto first = ask(kBob);
  scimPatch(*ResourceId::parse(header(first, "X-Vestibule-User-Id")),
            R"({"op": "replace", "path": "active", "value": false})");
  const auto second = ask(kBob);
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(header(second, "X-Vestibule-User-Id"), header(first, "X-Vestibule-User-Id"));
  EXPECT_EQ(header(second, "X-Vestibule-Outcome"), "unchanged");
  EXPECT_NE(header(second, "X-Correlation-Id"), header(first, "X-Correlation-Id"));
}

TEST_F(ForwardAuthTest, TellsAProxyWhyItMayNotLetSomebodyThrough) {
  behindProxy(kSettings, "0");
  settings(std::string(kClaims) + ", " + kSettings, "plain");
  const auto bob = ask(kBob);
  scimPatch(*ResourceId::parse(header(bob, "X-Vestibule-User-Id")),
            R"({"op": "replace", "path": "active", "value": false})");
  const struct {
    std::string what;
    Fields fields;
    std::string provider;
    int status;
    std::string code;
  } kCases[] = {
      {"nobody", {}, "idp", 401, "JIT-1010"},
      {"an empty name", {{"X-User", " "}}, "idp", 401, "JIT-1010"},
      {"a disabled user", kBob, "idp", 403, "JIT-1401"},
      {"no identity provider", kBob, "", 403, "JIT-1000"},
      {"an unknown one", kBob, "none", 403, "JIT-1001"},
      {"one without the section", kBob, "plain", 403, "JIT-1011"},
      {"two subjects", {{"X-User", "a"}, {"X-User", "b"}}, "idp", 403, "JIT-1000"},
      {"a claim twice",
       {{"X-User", "a"}, {"X-Name", "b"}, {"X-Name", "c"}},
       "idp",
       403,
       "JIT-1000"},
      {"no UTF-8", {{"X-User", "a\xff"}}, "idp", 403, "JIT-1000"},
      {"a name against the policy", {{"X-User", "a"}, {"X-Name", "x*"}}, "idp", 403, "JIT-1202"},
  };
  for (const auto& test : kCases) {
    SCOPED_TRACE(test.what);
    const auto answer = ask(test.fields, test.provider);
    EXPECT_EQ(answer.status, test.status);
    EXPECT_EQ(codeOf(answer), test.code);
    // A proxy passes this on to a browser, which has no bearer token to offer.
    EXPECT_EQ(header(answer, "WWW-Authenticate"), "(none)");
    if (test.status == 403) {
      EXPECT_EQ(header(answer, "X-Vestibule-Code"), test.code);
    }
    EXPECT_EQ(header(answer, "X-Vestibule-User-Id"), "(none)");
  }
  // A wrong token of the proxy must not send its users to sign in again and again.
  token_ = token("reader", "scim:read");
  EXPECT_EQ(ask(kBob).status, 403);
  EXPECT_EQ(codeOf(ask(kBob)), "JIT-1007");
  token_ = "vst_wrong";
  EXPECT_EQ(codeOf(ask(kBob)), "JIT-1006");
  EXPECT_EQ(ask(kBob).status, 403);
}

TEST_F(ForwardAuthTest, ALoginThatFailsIsLetThroughWithoutAUserWhereTheSettingsSaySo) {
  behindProxy(R"("jit": {"isEnabled": true, "userstore": "CORP", "onFailure": "allow"})");
  const auto answer = ask({{"X-User", "s"}, {"X-Name", "x*"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(header(answer, "X-Vestibule-Outcome"), "failed");
  EXPECT_EQ(header(answer, "X-Vestibule-Code"), "JIT-1202");
  EXPECT_EQ(header(answer, "X-Vestibule-User-Id"), "(none)");
  EXPECT_EQ(ask({}).status, 401);
}

TEST_F(ForwardAuthTest, NobodyIsProvisionedWhereThatIsSwitchedOff) {
  behindProxy(R"("jit": {"isEnabled": false})");
  const auto answer = ask(kBob);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(header(answer, "X-Vestibule-Outcome"), "skipped");
  EXPECT_EQ(header(answer, "X-Vestibule-User-Id"), "(none)");
  EXPECT_EQ(count("corp.users"), 0U);
}

TEST_F(ForwardAuthTest, TheProxyMayNameTheIdentityProviderInAHeader) {
  behindProxy();
  Fields fields = kBob;
  fields.emplace_back("X-Vestibule-Identity-Provider", "idp");
  EXPECT_EQ(ask(fields, "").status, 200);
}

}  // namespace
}  // namespace vestibule::http
