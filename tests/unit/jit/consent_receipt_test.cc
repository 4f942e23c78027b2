#include "jit/consent_receipt.h"

#include <gtest/gtest.h>

#include "unit/jit/jit_fixture.h"

namespace vestibule::jit {
namespace {

using store::Consent;
using test::parsed;
using test::schemas;

std::shared_ptr<const ConsentPurpose> purpose(PurposeNumber number, std::string_view document) {
  auto compiled = compileConsentPurpose(*schemas().registry, *schemas().user, parsed(document));
  EXPECT_TRUE(compiled) << compiled.error().detail;
  compiled->number = number;
  return std::make_shared<const ConsentPurpose>(*std::move(compiled));
}

/// A prompt about a purpose as a whole and one with attributes, shown in German.
AnsweredConsent answered() {
  const auto whole =
      purpose(1, R"({"name": "DEFAULT", "texts": {"en": {"title": "Account", "description": "E"},
                     "de": {"title": "Konto", "description": "D"}}})");
  const auto mail = purpose(2, R"({"name": "mail", "texts": {"en": {"title": "Mail",
      "description": "News"}}, "attributes": [{"attribute": "emails"}, {"attribute": "title"},
      {"attribute": "name.givenName", "mandatory": true}]})");
  AnsweredConsent answer;
  answer.user = ResourceId::generate(DomainNumber(1), ResourceKind::kUser);
  answer.identity_provider = "okta";
  answer.language = "de";
  answer.asked = {{whole, whole->attributes}, {mail, mail->attributes}};
  answer.decisions = {{1, 1, "", Consent::kAgreed},
                      {2, 1, "emails", Consent::kAgreed},
                      {2, 1, "title", Consent::kRefused},
                      {2, 1, "name.givenName", Consent::kAgreed}};
  answer.time = 1'764'468'000'123'456;
  return answer;
}

TEST(ConsentReceipt, IsTheDocumentOfTheSpecification) {
  ConsentTerms terms;
  terms.jurisdiction = "DE";
  terms.controller = "Example Ltd";
  terms.contact = "Data protection officer";
  terms.email = "privacy@example.com";
  terms.phone = "+49 30 1";
  terms.address = "Street 1, Berlin";
  terms.policy_url = "https://example.com/privacy";
  terms.service = "Portal";
  const auto answer = answered();
  const auto record = consentRecord(terms, answer);
  const std::string id = textOf(record.receipt.id);
  EXPECT_EQ(
      record.receipt.document,
      R"({"version":"KI-CR-v1.1.0","jurisdiction":"DE","consentTimestamp":1764468000,)"
      R"("collectionMethod":"Web form before just-in-time provisioning","consentReceiptID":")" +
          id + R"(","publicKey":"","language":"de","piiPrincipalId":")" + answer.user.text() +
          R"(","piiControllers":[{"piiController":"Example Ltd","contact":"Data protection officer",)"
          R"("address":{"streetAddress":"Street 1, Berlin"},"email":"privacy@example.com",)"
          R"("phone":"+49 30 1"}],"policyUrl":"https://example.com/privacy",)"
          R"("services":[{"service":"Portal","purposes":[)"
          R"({"purpose":"Konto: D","purposeCategory":["DEFAULT"],"consentType":"EXPLICIT",)"
          R"("piiCategory":[],"primaryPurpose":true,"termination":"Until it is withdrawn",)"
          R"("thirdPartyDisclosure":false},)"
          R"({"purpose":"Mail: News","purposeCategory":["mail"],"consentType":"EXPLICIT",)"
          R"("piiCategory":["emails","name.givenName"],"primaryPurpose":true,)"
          R"("termination":"Until it is withdrawn","thirdPartyDisclosure":false}]}],)"
          R"("sensitive":false,"spiCat":[]})");
  EXPECT_EQ(record.receipt.identity_provider, "okta");
  EXPECT_EQ(record.receipt.created, answer.time);
  EXPECT_EQ(record.decisions.size(), 4U);
}

TEST(ConsentReceipt, LeavesOutWhatWasRefusedAltogether) {
  auto answer = answered();
  for (auto& decision : answer.decisions) {
    if (decision.purpose == 2) decision.consent = Consent::kRefused;
  }
  const auto document = parsed(consentRecord({}, answer).receipt.document);
  const auto& services = *document.find("services")->array();
  EXPECT_EQ(services.at(0).find("purposes")->array()->size(), 1U);
  EXPECT_EQ(services.at(0).stringAt("service"), "Vestibule");
}

TEST(ConsentReceipt, SpeaksTheLanguageThatIsConfigured) {
  ConsentTerms terms;
  terms.language = "en";
  const auto document = parsed(consentRecord(terms, answered()).receipt.document);
  EXPECT_EQ(document.stringAt("language"), "en");
  EXPECT_EQ(document.find("services")
                ->array()
                ->at(0)
                .find("purposes")
                ->array()
                ->at(0)
                .stringAt("purpose"),
            "Account: E");
}

TEST(ReceiptId, IsARandomUuidThatReadsBack) {
  const auto first = consentRecord({}, answered()).receipt.id;
  const auto second = consentRecord({}, answered()).receipt.id;
  EXPECT_NE(first, second);
  const std::string text = textOf(first);
  ASSERT_EQ(text.size(), 36U);
  EXPECT_EQ(text[14], '4') << text;
  EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos) << text;
  EXPECT_EQ(parseReceiptId(text), first);
  EXPECT_EQ(parseReceiptId("00112233-4455-4677-8899-AABBCCDDEEFF"),
            parseReceiptId("00112233-4455-4677-8899-aabbccddeeff"));
  for (const char* bad :
       {"", "00112233445546778899aabbccddeeff", "00112233-4455-4677-8899-aabbccddeef",
        "00112233-4455-4677-8899-aabbccddeeff0", "0011223-34455-4677-8899-aabbccddeeff",
        "00112233-4455-4677-8899-aabbccddeefg", "' OR 1=1 -- -4455-4677-8899-aabbccd"}) {
    EXPECT_FALSE(parseReceiptId(bad)) << bad;
  }
}

}  // namespace
}  // namespace vestibule::jit
