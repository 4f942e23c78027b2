#include "jit/provision_request.h"

#include "base/log.h"
#include "jit/codes.h"

namespace vestibule::jit {
namespace {

tl::unexpected<Error> wrong(std::string_view key, std::string_view reason) {
  return refusal(kInvalidRequest, "'" + std::string(key) + "' " + std::string(reason),
                 std::string(key));
}

Result<void> checkKeys(const json::Object& body) {
  for (const json::Member& member : body) {
    if (member.key == "returnUrl") {
      if (!member.value.isString()) return wrong("returnUrl", "must be a string");
    } else if (member.key != "identityProvider" && member.key != "subject" &&
               member.key != "claims" && member.key != "idToken") {
      return wrong(printable(member.key, 64), "is not known here");
    }
  }
  return {};
}

/// A request whose claims are those of a token.
Result<ProvisionRequest> readTokenRequest(const json::Value& body,
                                          std::string_view identity_provider) {
  const auto token = body.stringAt("idToken");
  if (!token || token->empty()) return wrong("idToken", "must be a string that is not empty");
  if (body.find("claims") != nullptr) {
    return refusal(kClaimsBesideIdToken,
                   "with an ID token the claims are the token's: 'claims' must not be there",
                   "claims");
  }
  const json::Value* stated = body.find("subject");
  const auto subject = body.stringAt("subject");
  if (stated != nullptr && (!subject || subject->empty())) {
    return refusal(kBadSubject,
                   "beside an ID token 'subject' may be left out, or be a string that is not empty",
                   "subject");
  }
  return ProvisionRequest{std::string(identity_provider),
                          Subject(std::string(subject.value_or(""))),
                          {},
                          std::string(*token)};
}

/// A request whose claims are sent as they are.
Result<ProvisionRequest> readClaimsRequest(const json::Value& body,
                                           std::string_view identity_provider) {
  const auto subject = body.stringAt("subject");
  if (!subject || subject->empty()) {
    return refusal(kBadSubject, "'subject' must be a string that is not empty", "subject");
  }
  const json::Value* claims = body.find("claims");
  if (claims == nullptr || !claims->isObject()) return wrong("claims", "must be an object");
  return ProvisionRequest{
      std::string(identity_provider), Subject(std::string(*subject)), *claims->object(), {}};
}

}  // namespace

Result<ProvisionRequest> readProvisionRequest(const json::Value& body) {
  if (!body.isObject()) return refusal(kInvalidRequest, "the body must be a JSON object");
  if (auto known = checkKeys(*body.object()); !known) return propagate(known);
  const auto identity_provider = body.stringAt("identityProvider");
  if (!identity_provider) return wrong("identityProvider", "must be a string");
  auto request = body.find("idToken") != nullptr ? readTokenRequest(body, *identity_provider)
                                                 : readClaimsRequest(body, *identity_provider);
  if (request) request->return_url = body.stringAt("returnUrl").value_or("");
  return request;
}

}  // namespace vestibule::jit
