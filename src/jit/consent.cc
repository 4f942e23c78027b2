#include "jit/consent.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace vestibule::jit {
namespace {

using store::Consent;
using store::ConsentDecision;

bool isAbout(const ConsentDecision& decision, PurposeNumber purpose, std::string_view attribute) {
  return decision.purpose == purpose && decision.attribute == attribute;
}

bool isPending(const ConsentPurpose& purpose, const PurposeAttribute& attribute,
               const std::vector<ConsentDecision>& decisions) {
  const auto decision = std::find_if(decisions.begin(), decisions.end(), [&](const auto& one) {
    return isAbout(one, purpose.number, attribute.path.text());
  });
  if (decision == decisions.end() || decision->version < attribute.since) return true;
  return attribute.mandatory && decision->consent != Consent::kAgreed;
}

/// The answer to the purpose as it was asked about; null when there is none.
const ConsentAnswer* answerTo(const ConsentPurpose& purpose,
                              const std::vector<ConsentAnswer>& answers) {
  const auto answer = std::find_if(answers.begin(), answers.end(), [&](const ConsentAnswer& one) {
    return one.purpose == purpose.name && one.version == purpose.version;
  });
  return answer == answers.end() ? nullptr : &*answer;
}

bool agrees(const ConsentAnswer* answer, const ConsentPath& path) {
  return answer != nullptr && std::find(answer->agreed.begin(), answer->agreed.end(),
                                        path.text()) != answer->agreed.end();
}

}  // namespace

std::vector<AskedPurpose> pendingConsent(
    const std::vector<std::shared_ptr<const ConsentPurpose>>& purposes,
    const std::vector<ConsentDecision>& decisions) {
  std::vector<AskedPurpose> pending;
  for (const auto& purpose : purposes) {
    AskedPurpose asked{purpose, {}};
    for (const PurposeAttribute& attribute : purpose->attributes) {
      if (isPending(*purpose, attribute, decisions)) asked.attributes.push_back(attribute);
    }
    if (!asked.attributes.empty()) pending.push_back(std::move(asked));
  }
  return pending;
}

std::vector<ConsentDecision> decisionsOf(const std::vector<AskedPurpose>& asked,
                                         const std::vector<ConsentAnswer>& answers) {
  std::vector<ConsentDecision> made;
  for (const auto& [purpose, attributes] : asked) {
    const ConsentAnswer* answer = answerTo(*purpose, answers);
    for (const PurposeAttribute& attribute : attributes) {
      made.push_back({purpose->number, purpose->version, attribute.path.text(),
                      agrees(answer, attribute.path) ? Consent::kAgreed : Consent::kRefused});
    }
  }
  return made;
}

std::vector<ConsentDecision> combined(std::vector<ConsentDecision> before,
                                      const std::vector<ConsentDecision>& made) {
  for (const ConsentDecision& decision : made) {
    const auto same = std::find_if(before.begin(), before.end(), [&](const auto& one) {
      return isAbout(one, decision.purpose, decision.attribute);
    });
    if (same == before.end()) {
      before.push_back(decision);
    } else {
      *same = decision;
    }
  }
  std::sort(before.begin(), before.end(), [](const auto& left, const auto& right) {
    return std::tie(left.purpose, left.attribute) < std::tie(right.purpose, right.attribute);
  });
  return before;
}

bool isRefused(const std::vector<ConsentDecision>& decisions, const AttributeTarget& target) {
  bool refused = false;
  for (const ConsentDecision& decision : decisions) {
    if (!ConsentPath::ofText(decision.attribute).covers(target)) continue;
    if (decision.consent == Consent::kAgreed) return false;
    refused = true;
  }
  return refused;
}

}  // namespace vestibule::jit
