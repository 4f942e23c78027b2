#pragma once
// What people have agreed to and refused, and what that means for a login. Pure.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "jit/consent_purpose.h"
#include "store/consent_store.h"

namespace vestibule::jit {

/// A purpose, and those of its attributes that somebody has to be asked about.
struct AskedPurpose {
  std::shared_ptr<const ConsentPurpose> purpose;
  std::vector<PurposeAttribute> attributes;  ///< never empty
};

/// An answer: of the attributes that were asked about, those agreed to; all others are refused.
struct ConsentAnswer {
  std::string purpose;              ///< name
  std::uint32_t version = 0;        ///< that was shown
  std::vector<std::string> agreed;  ///< paths, empty text for the purpose as a whole
};

/// What has to be asked of somebody who decided `decisions` so far: attributes never answered to,
/// those whose terms have changed since, and mandatory ones that were refused or withdrawn.
[[nodiscard]] std::vector<AskedPurpose> pendingConsent(
    const std::vector<std::shared_ptr<const ConsentPurpose>>& purposes,
    const std::vector<store::ConsentDecision>& decisions);

/// The decisions that follow from answers to exactly what was asked. Attributes that the answers
/// leave out are refused.
[[nodiscard]] std::vector<store::ConsentDecision> decisionsOf(
    const std::vector<AskedPurpose>& asked, const std::vector<ConsentAnswer>& answers);

/// The decisions after new ones were made.
[[nodiscard]] std::vector<store::ConsentDecision> combined(
    std::vector<store::ConsentDecision> before, const std::vector<store::ConsentDecision>& made);

/// True when a login may not store a value at the target: somebody refused or withdrew what covers
/// it, and no other purpose that they agreed to covers it.
[[nodiscard]] bool isRefused(const std::vector<store::ConsentDecision>& decisions,
                             const AttributeTarget& target);

}  // namespace vestibule::jit
