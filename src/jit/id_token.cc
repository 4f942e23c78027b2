#include "jit/id_token.h"

#include <array>
#include <utility>

#include "jose/token.h"

namespace vestibule::jit {
namespace {

constexpr std::string_view kStep = "idToken";

constexpr std::array kCodeOfFault{
    std::pair{jose::kMalformed, &kIdTokenMalformed},
    std::pair{jose::kAlgorithm, &kIdTokenAlgorithm},
    std::pair{jose::kUnknownKey, &kIdTokenUnknownKey},
    std::pair{jose::kSignature, &kIdTokenSignature},
    std::pair{jose::kIssuer, &kIdTokenIssuer},
    std::pair{jose::kAudience, &kIdTokenAudience},
    std::pair{jose::kExpired, &kIdTokenExpired},
    std::pair{jose::kNotYetValid, &kIdTokenNotYetValid},
    std::pair{jose::kTooOld, &kIdTokenTooOld},
    std::pair{jose::kClaims, &kIdTokenClaims},
    std::pair{jose::kKeysUnavailable, &kKeysUnavailable},
};
static_assert(kCodeOfFault.size() == jose::kFaults.size());

}  // namespace

const CodeInfo& codeOf(jose::Fault fault) {
  for (const auto& [of, info] : kCodeOfFault) {
    if (of == fault) return *info;
  }
  return kUnexpected;
}

Result<std::optional<ProvisionRequest>> takeIdToken(const IdentityProvider& provider,
                                                    const ProvisionRequest& asked, Timestamp now,
                                                    Trace& trace) {
  if (asked.verified) return std::optional<ProvisionRequest>();
  if (asked.id_token.empty()) {
    if (!provider.id_token || !provider.id_token->required || !provider.provisioning) {
      return std::optional<ProvisionRequest>();
    }
    trace.add(kStep, "required", "true", "there is none: refused");
    return refusal(kIdTokenRequired,
                   "the identity provider's settings ask for an ID token, and there is none",
                   "idToken");
  }
  if (!provider.id_token || provider.keys == nullptr) {
    trace.add(kStep, "settings", "idToken", "there are none: refused");
    return refusal(kIdTokenNotTaken,
                   "the identity provider's settings do not say how its ID tokens are verified",
                   "idToken");
  }
  const auto witness = [&](std::string_view rule, std::string_view input,
                           std::string_view outcome) { trace.add(kStep, rule, input, outcome); };
  auto claims =
      jose::verifyToken(asked.id_token, provider.id_token->rules, *provider.keys, now, witness);
  if (!claims) {
    claims.error().attribute = "idToken";
    const CodeInfo& info = codeOf(claims.error().code);
    return refusal(info, std::move(claims.error()));
  }
  const std::string& subject = *claims->find("sub")->string();
  if (!asked.subject.value().empty() && asked.subject.value() != subject) {
    trace.add(kStep, "subject", "sub", "is not the subject that was sent: refused");
    return refusal(kSubjectIsAnother, "'subject' is not the 'sub' of the ID token", "subject");
  }
  ProvisionRequest verified = asked;
  verified.subject = Subject(subject);
  verified.claims = *std::move(claims);
  verified.id_token.clear();
  verified.verified = true;
  return std::optional(std::move(verified));
}

}  // namespace vestibule::jit
