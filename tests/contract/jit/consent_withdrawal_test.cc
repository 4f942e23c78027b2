#include "jit/consent_withdrawal.h"

#include <gtest/gtest.h>

#include "contract/jit/jit_test.h"
#include "jit/consent_receipt.h"

namespace vestibule::jit {
namespace {

using store::Consent;
using store::ConsentDecision;

class ConsentWithdrawalTest : public test::JitTest {
 protected:
  ConsentWithdrawalTest() {
    purpose("mail", R"("attributes": [{"attribute": "emails"}])");
    purpose("names", R"("attributes": [{"attribute": "name"}, {"attribute": "title"}])");
    purpose("given", R"("attributes": [{"attribute": "name.givenName"}])");
    purpose("strict",
            R"("attributes": [{"attribute": "nickName"}], "onWithdrawal": "disableUser")");
  }

  void purpose(const std::string& name, const std::string& members) {
    must(purposes_.apply(test::parsed(
        R"({"name": ")" + name + R"(", "texts": {"en": {"title": "T", "description": "D"}}, )" +
        members + "}")));
  }
  PurposeNumber numberOf(const std::string& name) {
    return catalog_->current()->findConsentPurpose(name)->number;
  }
  ConsentDecision decision(const std::string& name, const std::string& attribute,
                           Consent consent = Consent::kAgreed) {
    return {numberOf(name), 1, attribute, consent};
  }
  ResourceId user(const std::string& name = "ann") {
    return scimUser(R"("userName": ")" + name + R"(", "title": "Dr", "nickName": "A",
        "name": {"givenName": "Ann", "familyName": "Ash"},
        "emails": [{"value": "ann@x.example", "type": "work"}])");
  }
  /// What a login leaves; the id of the receipt.
  std::string agree(const ResourceId& user, std::vector<ConsentDecision> decisions) {
    AnsweredConsent answered;
    answered.user = user;
    answered.identity_provider = "idp";
    answered.decisions = std::move(decisions);
    answered.time = now();
    const auto record = consentRecord({}, answered);
    must(database_->write([&](store::Session& session) {
      return store::storeConsent(session, database_->controlSchema(), user, record);
    }));
    return textOf(record.receipt.id);
  }
  Result<bool> withdraw(const std::string& receipt,
                        const directory::WithdrawalAuthor& author = {}) {
    return withdrawReceipt(context_, purposes_, receipt, author);
  }
  store::StoredResource stored(const ResourceId& user) {
    return must(database_->read([&](store::Session& session) {
             const auto* domain = catalog_->current()->findDomain(user.domain());
             return store::findUser(session, domain->tables(), user, false);
           }))
        ->resource;
  }
  /// The attributes of the user without `schemas` and `userName`.
  std::string attributesOf(const ResourceId& user) {
    json::Value document = test::parsed(stored(user).document);
    document.object()->erase("schemas");
    document.object()->erase("userName");
    return json::write(document);
  }
  /// `purpose attribute consent` of each decision.
  std::vector<std::string> consents(const ResourceId& user) {
    std::vector<std::string> lines;
    for (const json::Value shown : must(consentsOf(context_, nullptr, user.text()))) {
      lines.push_back(std::string(shown.stringAt("purpose").value_or("-")) + " " +
                      std::string(*shown.stringAt("attribute")) + " " +
                      std::string(*shown.stringAt("consent")));
    }
    return lines;
  }
  static constexpr const char* kAll =
      R"({"name":{"familyName":"Ash","givenName":"Ann"},"nickName":"A","title":"Dr",)"
      R"("emails":[{"value":"ann@x.example","type":"work"}]})";

  ConsentPurposes purposes_{context_};
};

TEST_F(ConsentWithdrawalTest, RemovesTheValuesThatWereAgreedToAndIndexesThemNoMore) {
  const auto ann = user();
  ASSERT_EQ(attributesOf(ann), kAll);
  const auto receipt = agree(ann, {decision("mail", "emails")});
  EXPECT_TRUE(must(withdraw(receipt)));
  EXPECT_EQ(attributesOf(ann),
            R"({"name":{"familyName":"Ash","givenName":"Ann"},"nickName":"A","title":"Dr"})");
  EXPECT_EQ(stored(ann).meta.version, Version(2));
  EXPECT_EQ(onlooker_.number("SELECT COUNT(*) FROM " + table("primary.user_attributes") +
                             " WHERE value_key LIKE '%ann@x%'"),
            0U);
  EXPECT_EQ(consents(ann), std::vector<std::string>{"mail emails withdrawn"});
  const json::Value shown = describe(must(getReceipt(context_, nullptr, receipt)));
  EXPECT_EQ(shown.stringAt("state"), "revoked");
  EXPECT_TRUE(shown.stringAt("revoked"));
}

TEST_F(ConsentWithdrawalTest, LeavesWhatAnotherPurposeCovers) {
  struct Case {
    const char* what;
    std::vector<ConsentDecision> withdrawn;
    std::vector<ConsentDecision> others;
    const char* attributes;
  };
  const std::string rest = R"(,"nickName":"A","title":"Dr",)"
                           R"("emails":[{"value":"ann@x.example","type":"work"}]})";
  const std::string given = R"({"name":{"givenName":"Ann"})" + rest;
  const std::string no_name = "{" + rest.substr(1);
  const std::string family = R"({"name":{"familyName":"Ash"})" + rest;
  const Case cases[] = {
      {"a part is agreed to elsewhere",
       {decision("names", "name")},
       {decision("given", "name.givenName")},
       given.c_str()},
      {"a part is refused elsewhere",
       {decision("names", "name")},
       {decision("given", "name.givenName", Consent::kRefused)},
       no_name.c_str()},
      {"the whole is agreed to elsewhere",
       {decision("given", "name.givenName")},
       {decision("names", "name")},
       kAll},
      {"a part", {decision("given", "name.givenName")}, {}, family.c_str()},
      {"a purpose as a whole covers nothing",
       {decision("given", "name.givenName")},
       {decision("DEFAULT", "")},
       family.c_str()},
      {"both are withdrawn at once",
       {decision("names", "name"), decision("given", "name.givenName")},
       {},
       no_name.c_str()},
  };
  int made = 0;
  for (const Case& look : cases) {
    SCOPED_TRACE(look.what);
    const auto one = user("user" + std::to_string(++made));
    agree(one, look.others);
    EXPECT_TRUE(must(withdraw(agree(one, look.withdrawn))));
    EXPECT_EQ(attributesOf(one), look.attributes);
  }
}

TEST_F(ConsentWithdrawalTest, DisablesTheUserWhereThePurposeSaysSo) {
  const auto ann = user();
  EXPECT_TRUE(must(withdraw(agree(ann, {decision("strict", "nickName")}))));
  EXPECT_EQ(test::parsed(stored(ann).document).boolAt("active"), false);
  EXPECT_EQ(test::parsed(stored(ann).document).stringAt("nickName"), "A");
  const auto bob = user("bob");
  EXPECT_TRUE(must(withdraw(agree(bob, {decision("DEFAULT", "")}))));
  EXPECT_EQ(test::parsed(stored(bob).document).boolAt("active"), false);
}

TEST_F(ConsentWithdrawalTest, OfADeletedPurposeRemovesItsValues) {
  const auto ann = user();
  const auto receipt = agree(ann, {decision("mail", "emails")});
  must(purposes_.remove("mail"));
  EXPECT_TRUE(must(withdraw(receipt)));
  EXPECT_EQ(attributesOf(ann).find("emails"), std::string::npos);
  EXPECT_EQ(consents(ann), std::vector<std::string>{"- emails withdrawn"});
}

TEST_F(ConsentWithdrawalTest, TouchesOnlyWhatTheReceiptIsTheLastWordOn) {
  const auto ann = user();
  const auto first = agree(ann, {decision("mail", "emails"), decision("names", "title"),
                                 decision("names", "name", Consent::kRefused)});
  agree(ann, {decision("mail", "emails")});
  EXPECT_TRUE(must(withdraw(first)));
  EXPECT_EQ(consents(ann), (std::vector<std::string>{"mail emails agreed", "names name refused",
                                                     "names title withdrawn"}));
  EXPECT_EQ(attributesOf(ann).find("title"), std::string::npos);
  EXPECT_NE(attributesOf(ann).find("emails"), std::string::npos);
}

TEST_F(ConsentWithdrawalTest, AlwaysRaisesTheVersionAndForgetsTheLastLogins) {
  usual();
  const auto first = login("s-1", R"({"uid": "bob", "title": "Dr"})");
  ASSERT_EQ(outcome(first), "created");
  ASSERT_EQ(outcome(login("s-1", R"({"uid": "bob", "title": "Dr"})")), "unchanged");
  const auto bob = idOf(first);
  // Nothing of the user is about nickName: it only has another version.
  const auto receipt = agree(bob, {{numberOf("names"), 1, "name", Consent::kAgreed}});
  EXPECT_TRUE(must(withdraw(receipt)));
  EXPECT_EQ(stored(bob).meta.version, Version(versionOf(first) + 1));
  EXPECT_EQ(onlooker_.number("SELECT COUNT(*) FROM " + table("control.federated_identities") +
                             " WHERE claims_digest = REPEAT(CHAR(0), 32)"),
            1U);
}

TEST_F(ConsentWithdrawalTest, HappensOnce) {
  const auto ann = user();
  const auto receipt = agree(ann, {decision("mail", "emails")});
  EXPECT_TRUE(must(withdraw(receipt)));
  EXPECT_FALSE(must(withdraw(receipt)));
  EXPECT_EQ(stored(ann).meta.version, Version(2));
  EXPECT_EQ(onlooker_.number("SELECT COUNT(*) FROM " + table("control.audit_events") +
                             " WHERE action = 'consent.withdrawn'"),
            1U);
}

TEST_F(ConsentWithdrawalTest, IsAudited) {
  const auto ann = user();
  directory::Principal operator_token;
  operator_token.token_id = "t1";
  operator_token.name = "ops";
  EXPECT_TRUE(must(withdraw(agree(ann, {decision("mail", "emails")}), {&operator_token, "c-1"})));
  const std::string columns =
      "actor_id, actor_name, idp_name, domain_name, version_before, "
      "version_after, correlation_id, changes";
  EXPECT_EQ(onlooker_.rows("SELECT " + columns + " FROM " + table("control.audit_events") +
                           " WHERE action = 'consent.withdrawn'"),
            std::vector<std::string>{R"(t1|ops|idp|PRIMARY|1|2|c-1|{"attributes":["emails"]})"});
}

TEST_F(ConsentWithdrawalTest, ThatCannotBeDoneChangesNothing) {
  const auto ann = user();
  const auto receipt = agree(ann, {decision("mail", "emails")});
  const auto untouched = [&] {
    EXPECT_EQ(attributesOf(ann), kAll);
    EXPECT_EQ(consents(ann), std::vector<std::string>{"mail emails agreed"});
    EXPECT_FALSE(must(getReceipt(context_, nullptr, receipt)).revoked);
  };
  domainSettings("PRIMARY", R"({"ReadOnly": true})");
  EXPECT_EQ(withdraw(receipt).error().kind, ErrorKind::kReadOnly);
  untouched();
  domainSettings("PRIMARY", R"({"ReadOnly": false})");
  onlooker_.run("UPDATE " + table("control.consent_purposes") +
                " SET settings = '{}', version = 9 WHERE name = 'mail'");
  must(catalog_->refresh());
  EXPECT_EQ(withdraw(receipt).error().code, "JIT-1005");
  untouched();
  for (const char* unknown : {"", "nonsense", "00112233-4455-4677-8899-aabbccddeeff"}) {
    EXPECT_EQ(withdraw(unknown).error().kind, ErrorKind::kNotFound);
  }
  // A value that has to be there: the edit is refused, and so is what came before it.
  const auto refused = directory::withdrawConsent(
      context_, must(getReceipt(context_, nullptr, receipt)),
      [](const json::Object& current, const directory::WithdrawnConsent&) -> Result<json::Object> {
        json::Object without = current;
        without.erase("userName");
        return without;
      },
      {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(refused.error().attribute, "userName");
  EXPECT_NE(refused.error().detail.find("userName"), std::string::npos);
  untouched();
}

TEST_F(ConsentWithdrawalTest, IsSeenByThoseWhoSeeTheDomain) {
  const auto ann = user();
  const auto receipt = agree(ann, {decision("mail", "emails")});
  directory::Principal elsewhere;
  elsewhere.all_domains = false;
  elsewhere.domains = {DomainNumber(2)};
  EXPECT_EQ(getReceipt(context_, &elsewhere, receipt).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(consentsOf(context_, &elsewhere, ann.text()).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(withdraw(receipt, {&elsewhere, "c"}).error().kind, ErrorKind::kNotFound);
  elsewhere.domains = {DomainNumber(1)};
  EXPECT_TRUE(must(withdraw(receipt, {&elsewhere, "c"})));
}

TEST_F(ConsentWithdrawalTest, ADeletedUserHasNeitherConsentsNorReceipts) {
  const auto ann = user();
  const auto receipt = agree(ann, {decision("mail", "emails")});
  scimDelete(ann);
  EXPECT_EQ(getReceipt(context_, nullptr, receipt).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(consentsOf(context_, nullptr, ann.text()).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(withdraw(receipt).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(count("control.consent_decisions"), 0U);
}

}  // namespace
}  // namespace vestibule::jit
