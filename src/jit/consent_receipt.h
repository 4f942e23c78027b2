#pragma once
// Consent receipts: what somebody agreed to, as Kantara's Consent Receipt Specification 1.1 has it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/resource_id.h"
#include "jit/consent.h"
#include "json/value.h"
#include "store/consent_store.h"

namespace vestibule::jit {

/// Who asks for consent, as receipts say it. What is empty is left empty in them.
struct ConsentTerms {
  std::string jurisdiction;  ///< whose law applies: `DE`, `EU`
  std::string language;      ///< of receipts; empty: that in which the prompt was shown
  std::string controller;    ///< who decides what becomes of the data
  std::string contact;       ///< a person or an office there
  std::string email;
  std::string phone;
  std::string address;  ///< street, town and country in one text
  std::string policy_url;
  std::string service = "Vestibule";  ///< what people sign in to
};

/// A receipt's id as text: a UUID in lower case, of version 4 (RFC 9562 §5.4).
[[nodiscard]] std::string textOf(const store::ReceiptId& id);
/// Reads that text, in either case; nothing for any other.
[[nodiscard]] std::optional<store::ReceiptId> parseReceiptId(std::string_view text);

/// A prompt that was answered.
struct AnsweredConsent {
  ResourceId user;
  std::string identity_provider;  ///< name
  std::string language;           ///< in which the prompt was shown
  std::vector<AskedPurpose> asked;
  std::vector<store::ConsentDecision> decisions;  ///< decisionsOf what was asked
  Timestamp time = 0;
};

/// What the transaction of a login stores of the answer: its decisions, and a receipt with a new
/// random id. The receipt names what was agreed to: purposes by their texts, attributes by their
/// paths; a purpose of which everything was refused is not in it. What was refused, and the
/// versions that were asked about, say the decisions, since the specification has no field for
/// them. Thread-safe.
[[nodiscard]] store::ConsentRecord consentRecord(const ConsentTerms& terms,
                                                 const AnsweredConsent& answered);

}  // namespace vestibule::jit
