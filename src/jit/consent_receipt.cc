#include "jit/consent_receipt.h"

#include <algorithm>
#include <utility>

#include "base/crypto.h"
#include "base/encoding.h"
#include "json/write.h"

namespace vestibule::jit {
namespace {

using store::Consent;

constexpr std::string_view kVersion = "KI-CR-v1.1.0";
constexpr std::string_view kCollectionMethod = "Web form before just-in-time provisioning";
constexpr std::string_view kTermination = "Until it is withdrawn";
constexpr std::int64_t kMicrosecondsPerSecond = 1'000'000;
/// Where the text of a UUID has its dashes.
constexpr std::size_t kDashes[] = {8, 13, 18, 23};

store::ReceiptId newReceiptId() {
  store::ReceiptId id{};
  fillRandom(id.data(), id.size());
  id[6] = static_cast<unsigned char>((id[6] & 0x0FU) | 0x40U);
  id[8] = static_cast<unsigned char>((id[8] & 0x3FU) | 0x80U);
  return id;
}

bool isAgreed(const std::vector<store::ConsentDecision>& decisions, const ConsentPurpose& purpose,
              const PurposeAttribute& attribute) {
  return std::any_of(decisions.begin(), decisions.end(), [&](const auto& decision) {
    return decision.purpose == purpose.number && decision.attribute == attribute.path.text() &&
           decision.consent == Consent::kAgreed;
  });
}

/// A purpose with what was agreed to of it; nothing when that is nothing.
std::optional<json::Object> purposeOf(const AskedPurpose& asked, const AnsweredConsent& answered,
                                      std::string_view language) {
  json::Array categories;
  bool agreed = false;
  bool primary = false;
  for (const PurposeAttribute& attribute : asked.attributes) {
    if (!isAgreed(answered.decisions, *asked.purpose, attribute)) continue;
    agreed = true;
    primary = primary || attribute.mandatory;
    if (!attribute.path.text().empty()) categories.emplace_back(attribute.path.text());
  }
  if (!agreed) return std::nullopt;
  const PurposeText& text = textIn(*asked.purpose, language).second;
  return json::Object{{"purpose", text.title + ": " + text.description},
                      {"purposeCategory", json::Array{asked.purpose->name}},
                      {"consentType", "EXPLICIT"},
                      {"piiCategory", std::move(categories)},
                      {"primaryPurpose", primary},
                      {"termination", kTermination},
                      {"thirdPartyDisclosure", false}};
}

json::Object documentOf(const ConsentTerms& terms, const AnsweredConsent& answered,
                        const store::ReceiptId& id) {
  const std::string& language = terms.language.empty() ? answered.language : terms.language;
  json::Array purposes;
  for (const AskedPurpose& asked : answered.asked) {
    if (auto purpose = purposeOf(asked, answered, language)) {
      purposes.emplace_back(*std::move(purpose));
    }
  }
  json::Object controller{{"piiController", terms.controller},
                          {"contact", terms.contact},
                          {"address", json::Object{{"streetAddress", terms.address}}},
                          {"email", terms.email},
                          {"phone", terms.phone}};
  return {{"version", kVersion},
          {"jurisdiction", terms.jurisdiction},
          {"consentTimestamp", answered.time / kMicrosecondsPerSecond},
          {"collectionMethod", kCollectionMethod},
          {"consentReceiptID", textOf(id)},
          {"publicKey", ""},
          {"language", language},
          {"piiPrincipalId", answered.user.text()},
          {"piiControllers", json::Array{std::move(controller)}},
          {"policyUrl", terms.policy_url},
          {"services", json::Array{json::Object{{"service", terms.service},
                                                {"purposes", std::move(purposes)}}}},
          {"sensitive", false},
          {"spiCat", json::Array{}}};
}

}  // namespace

std::string textOf(const store::ReceiptId& id) {
  std::string text = toHex({reinterpret_cast<const char*>(id.data()), id.size()});
  for (const std::size_t dash : kDashes) text.insert(dash, 1, '-');
  return text;
}

std::optional<store::ReceiptId> parseReceiptId(std::string_view text) {
  constexpr std::size_t kText = 36;
  if (text.size() != kText) return std::nullopt;
  store::ReceiptId id{};
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (std::find(std::begin(kDashes), std::end(kDashes), i) != std::end(kDashes)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int digit = hexDigit(text[i]);
    if (digit < 0) return std::nullopt;
    auto& byte = id.at(digits / 2);
    byte = static_cast<unsigned char>(unsigned{byte} << 4U | static_cast<unsigned>(digit));
    ++digits;
  }
  return id;
}

store::ConsentRecord consentRecord(const ConsentTerms& terms, const AnsweredConsent& answered) {
  store::ConsentRecord record;
  record.decisions = answered.decisions;
  record.receipt.id = newReceiptId();
  record.receipt.identity_provider = answered.identity_provider;
  record.receipt.created = answered.time;
  record.receipt.document = json::write(documentOf(terms, answered, record.receipt.id));
  return record;
}

}  // namespace vestibule::jit
