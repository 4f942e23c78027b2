// Consent purposes, receipts and withdrawal as administrators reach them.

#include "http/admin/admin_api_fixture.h"
#include "jit/consent_receipt.h"

namespace vestibule::http {
namespace {

constexpr const char* kPurposes = "/admin/v1/consent-purposes";
constexpr const char* kMail = "/admin/v1/consent-purposes/mail";
constexpr const char* kReceipts = "/admin/v1/consent-receipts";

constexpr const char* kMailDocument =
    R"({"name": "mail", "texts": {"en": {"title": "Mail", "description": "News"}},
        "attributes": [{"attribute": "emails"}]})";

class AdminConsent : public AdminApi {
 protected:
  ResourceId user(const std::string& name = "ann") {
    return scimUser(R"("userName": ")" + name + R"(", "emails": [{"value": "a@x.example"}])");
  }
  /// What a login leaves; the path of the receipt.
  std::string agree(const ResourceId& user) {
    jit::AnsweredConsent answered;
    answered.user = user;
    answered.identity_provider = "idp";
    answered.decisions = {{catalog_->current()->findConsentPurpose("mail")->number, 1, "emails",
                           store::Consent::kAgreed}};
    answered.time = now();
    const auto record = jit::consentRecord({}, answered);
    must(database_->write([&](store::Session& session) {
      return store::storeConsent(session, database_->controlSchema(), user, record);
    }));
    return std::string(kReceipts) + "/" + jit::textOf(record.receipt.id);
  }
  static std::string consentsOf(const ResourceId& user) {
    return "/admin/v1/users/" + user.text() + "/consents";
  }
};

TEST_F(AdminConsent, PurposesAreMadeChangedAndDeleted) {
  const auto made = ask(Method::kPost, kPurposes, kMailDocument);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.headers.first("Location"), kMail);
  EXPECT_EQ(etagOf(made), R"(W/"1")");
  EXPECT_EQ(read(made).stringAt("onWithdrawal"), "removeValues");
  EXPECT_EQ(ask(Method::kPost, kPurposes, kMailDocument).status, 409);
  const auto list = read(ask(Method::kGet, kPurposes));
  ASSERT_EQ(list.find("consentPurposes")->array()->size(), 2U);
  EXPECT_EQ(list.find("consentPurposes")->array()->at(0).stringAt("name"), "DEFAULT");

  const auto changed =
      ask(Method::kPatch, kMail, R"({"texts": {"en": {"title": "Post"}}})", R"(W/"1")");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(etagOf(changed), R"(W/"2")");
  EXPECT_EQ(ask(Method::kPatch, kMail, "{}", R"(W/"1")").status, 412);
  const auto editorial = ask(Method::kPatch, std::string(kMail) + "?editorial=true",
                             R"({"texts": {"en": {"title": "Letters"}}})");
  ASSERT_EQ(editorial.status, 200) << editorial.body;
  const auto versions = read(ask(Method::kGet, std::string(kMail) + "/versions"));
  const auto& all = *versions.find("versions")->array();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(json::write(*all[0].find("asksAgain")), "[]");
  EXPECT_EQ(json::write(*all[1].find("asksAgain")), R"(["emails"])");
  EXPECT_EQ(all[0].stringAt("by"), "token:operator");

  EXPECT_EQ(ask(Method::kPut, kMail, kMailDocument, R"(W/"3")").status, 200);
  EXPECT_EQ(ask(Method::kDelete, kMail, "", R"(W/"3")").status, 412);
  EXPECT_EQ(ask(Method::kDelete, kMail, "", R"(W/"4")").status, 204);
  EXPECT_EQ(ask(Method::kGet, kMail).status, 404);
  EXPECT_EQ(ask(Method::kPut, kMail, kMailDocument, "*").status, 412);
  EXPECT_EQ(ask(Method::kPut, kMail, kMailDocument).status, 201);
}

TEST_F(AdminConsent, WhatIsWrongWithAPurposeIsSaid) {
  struct Case {
    Method method;
    std::string path;
    const char* body;
    int status;
    const char* part_of_text;
  };
  const std::string other = std::string(kPurposes) + "/other";
  const Case cases[] = {
      {Method::kPost, kPurposes, "[]", 400, "JSON object"},
      {Method::kPost, kPurposes, "{", 400, ""},
      {Method::kPost, kPurposes, "{}", 400, "/name"},
      {Method::kPost, kPurposes, R"({"name": "x", "texts": {"de": {}}})", 400, "/texts"},
      {Method::kPut, other, kMailDocument, 400, "the one of the path"},
      {Method::kPut, other, "[]", 400, "JSON object"},
      {Method::kPut, std::string(kMail) + "?editorial=perhaps", kMailDocument, 400, "editorial"},
      {Method::kPatch, other, "{}", 404, "other"},
      {Method::kPatch, kMail, "[]", 400, "JSON object"},
      {Method::kPatch, kMail, R"({"name": "other"})", 400, "cannot change"},
      {Method::kPatch, kMail, R"({"attributes": [{"attribute": "password"}]})", 400,
       "/attributes/0/attribute"},
      {Method::kDelete, other, "", 404, "other"},
      {Method::kDelete, std::string(kPurposes) + "/DEFAULT", "", 409, "built in"},
      {Method::kGet, other, "", 404, "other"},
      {Method::kGet, other + "/versions", "", 404, "other"},
  };
  ASSERT_EQ(ask(Method::kPost, kPurposes, kMailDocument).status, 201);
  for (const Case& look : cases) {
    SCOPED_TRACE(look.path + " " + look.body);
    const auto response = ask(look.method, look.path, look.body);
    EXPECT_EQ(response.status, look.status) << response.body;
    EXPECT_EQ(response.headers.first("Content-Type"), "application/problem+json");
    EXPECT_NE(response.body.find(look.part_of_text), std::string::npos) << response.body;
  }
}

TEST_F(AdminConsent, APurposeInUseStays) {
  ASSERT_EQ(ask(Method::kPost, kPurposes, kMailDocument).status, 201);
  must(providers_->apply(jit::test::parsed(
      R"({"name": "okta", "jit": {"isEnabled": true, "consent": {"purposes": ["mail"]}}})")));
  const auto refused = ask(Method::kDelete, kMail);
  EXPECT_EQ(refused.status, 409);
  EXPECT_NE(refused.body.find("okta"), std::string::npos);
}

TEST_F(AdminConsent, ReceiptsAreShownAndWithdrawn) {
  ASSERT_EQ(ask(Method::kPost, kPurposes, kMailDocument).status, 201);
  const auto ann = user();
  const auto receipt = agree(ann);
  const auto shown = ask(Method::kGet, receipt);
  ASSERT_EQ(shown.status, 200) << shown.body;
  EXPECT_EQ(read(shown).stringAt("state"), "active");
  EXPECT_EQ(read(shown).stringAt("user"), ann.text());
  EXPECT_EQ(read(shown).find("receipt")->stringAt("version"), "KI-CR-v1.1.0");
  EXPECT_EQ(read(shown).find("receipt")->stringAt("consentReceiptID"),
            receipt.substr(receipt.rfind('/') + 1));
  const auto before = read(ask(Method::kGet, consentsOf(ann)));
  EXPECT_EQ(before.find("consents")->array()->at(0).stringAt("consent"), "agreed");

  const auto withdrawn = ask(Method::kDelete, receipt);
  EXPECT_EQ(withdrawn.status, 204) << withdrawn.body;
  EXPECT_TRUE(withdrawn.headers.first("X-Correlation-Id"));
  EXPECT_EQ(read(ask(Method::kGet, receipt)).stringAt("state"), "revoked");
  const auto after = read(ask(Method::kGet, consentsOf(ann)));
  EXPECT_EQ(after.find("consents")->array()->at(0).stringAt("consent"), "withdrawn");
  EXPECT_EQ(ask(Method::kDelete, receipt).status, 204) << "harmless to repeat";
  const std::string unknown = std::string(kReceipts) + "/00112233-4455-4677-8899-aabbccddeeff";
  for (const auto method : {Method::kGet, Method::kDelete}) {
    EXPECT_EQ(ask(method, unknown).status, 404);
    EXPECT_EQ(ask(method, std::string(kReceipts) + "/nonsense").status, 404);
  }
}

TEST_F(AdminConsent, ReceiptsAreListedPageByPage) {
  ASSERT_EQ(ask(Method::kPost, kPurposes, kMailDocument).status, 201);
  const auto ann = user();
  std::vector<std::string> all;
  for (int i = 0; i < 5; ++i) all.push_back(agree(ann));
  agree(user("bob"));
  std::vector<std::string> seen;
  const std::string query = std::string(kReceipts) + "?count=2&user=" + ann.text();
  std::string path = query;
  for (;;) {
    const json::Value page = read(ask(Method::kGet, path));
    for (const auto& one : *page.find("receipts")->array()) {
      seen.push_back(std::string(kReceipts) + "/" + std::string(*one.stringAt("id")));
    }
    if (!page.stringAt("after")) break;
    path = query + "&after=" + std::string(*page.stringAt("after"));
  }
  EXPECT_EQ(seen, all);
  EXPECT_EQ(read(ask(Method::kGet, kReceipts)).find("receipts")->array()->size(), 6U);
  for (const char* bad : {"?user=nonsense", "?count=0", "?after=nonsense",
                          "?after=00112233-4455-4677-8899-aabbccddeeff"}) {
    EXPECT_EQ(ask(Method::kGet, std::string(kReceipts) + bad).status, 400) << bad;
  }
}

TEST_F(AdminConsent, ATokenOfDomainsSeesTheirUsersAlone) {
  ASSERT_EQ(ask(Method::kPost, kPurposes, kMailDocument).status, 201);
  const auto ann = user();
  const auto receipt = agree(ann);
  const std::string of_ann = std::string(kReceipts) + "?user=" + ann.text();
  for (const auto& path : {receipt, consentsOf(ann), of_ann}) {
    EXPECT_EQ(askBound({"CORP"}, Method::kGet, path).status, 404) << path;
    EXPECT_EQ(askBound({"PRIMARY"}, Method::kGet, path).status, 200) << path;
  }
  EXPECT_EQ(askBound({"PRIMARY"}, Method::kGet, kReceipts).status, 403);
  for (const char* path : {kPurposes, kMail}) {
    EXPECT_EQ(askBound({"PRIMARY"}, Method::kGet, path).status, 403);
  }
  EXPECT_EQ(askBound({"PRIMARY"}, Method::kPost, kPurposes, kMailDocument).status, 403);
  EXPECT_EQ(askBound({"PRIMARY"}, Method::kPut, kMail, kMailDocument).status, 403);
  EXPECT_EQ(askBound({"PRIMARY"}, Method::kPatch, kMail, "{}").status, 403);
  EXPECT_EQ(askBound({"PRIMARY"}, Method::kDelete, kMail).status, 403);
  EXPECT_EQ(askBound({"CORP"}, Method::kDelete, receipt).status, 404);
  EXPECT_EQ(read(ask(Method::kGet, receipt)).stringAt("state"), "active");
  EXPECT_EQ(askBound({"PRIMARY"}, Method::kDelete, receipt).status, 204);
}

TEST_F(AdminConsent, NobodysConsentsAreNotFound) {
  const auto ann = user();
  EXPECT_EQ(read(ask(Method::kGet, consentsOf(ann))).find("consents")->array()->size(), 0U);
  EXPECT_EQ(ask(Method::kGet, "/admin/v1/users/nonsense/consents").status, 404);
  scimDelete(ann);
  EXPECT_EQ(ask(Method::kGet, consentsOf(ann)).status, 404);
}

}  // namespace
}  // namespace vestibule::http
