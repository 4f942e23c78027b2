// The gateway's request: any body is read or refused with a code, and any claims become a user that
// can be stored, or a refusal. The same claims always come to the same.

#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz/invariant.h"
#include "jit/codes.h"
#include "jit/mapping.h"
#include "jit/provision_request.h"
#include "jit/user_name_template.h"
#include "json/parse.h"
#include "json/write.h"
#include "scim/resource/validate.h"
#include "support/scim_schemas.h"

namespace vestibule::jit {
namespace {

using fuzz::require;

const IdentityProvider& provider() {
  static const IdentityProvider compiled = [] {
    const auto& schemas = scim::test::schemas();
    const auto document = json::parse(R"({"name": "fuzz", "claims": {"roleClaim": "realm.roles",
      "roleClaimSeparator": ",", "mappings": [
      {"idpClaim": "title", "attribute": "title", "required": true},
      {"idpClaim": "name.given", "attribute": "name.givenName", "sync": "preserve-local"},
      {"idpClaim": "/name/family", "attribute": "name.familyName", "defaultValue": "?"},
      {"idpClaim": "mails", "attribute": "emails"},
      {"idpClaim": "mobile", "attribute": "phoneNumbers[type eq \"mobile\"].value",
       "transforms": ["trim"]},
      {"idpClaim": "staff", "attribute": "userType"}]},
      "jit": {"userNameTemplate": "{name.given|first:3|lowercase ?? subject|hash:8}"}})");
    if (!document) fuzz::require(false, "the settings are JSON", document.error().detail);
    auto made = compileIdentityProvider(*schemas.registry, *schemas.user, *document);
    if (!made) fuzz::require(false, "the settings compile", made.error().detail);
    return *std::move(made);
  }();
  return compiled;
}

bool hasCode(const Error& error) { return findCode(error.code) != nullptr; }

void tryClaims(const json::Object& claims, const Subject& subject) {
  const auto& schemas = scim::test::schemas();
  if (const auto name = provider().user_names.pattern->fill(claims, subject); !name) {
    require(hasCode(name.error()), "a refusal has a code", name.error().detail);
  }
  Trace trace;
  const SyncRules rules{AttributeSync::kOverrideAll, true};
  const auto mapped = mapClaims(provider(), rules, LoginKind::kCreates, claims, trace);
  if (!mapped) {
    require(hasCode(mapped.error()), "a refusal has a code", mapped.error().detail);
    return;
  }
  for (const auto& entry : trace.entries()) {
    // Cut behind 200 bytes, where an escape may stand, and three dots.
    require(entry.input.size() <= 206 && entry.outcome.size() <= 206, "a trace is bounded");
  }
  const auto user = newUserAttributes(*schemas.registry, *schemas.user, "fuzz", *mapped);
  if (!user) {
    require(hasCode(user.error()), "a refusal has a code", user.error().detail);
    return;
  }
  const std::string text = json::write(*user);
  const auto finished = scim::finish(*schemas.registry, *schemas.user, *user);
  require(finished.has_value() && json::write(*finished) == text, "the user is canonical", text);
  const auto again = syncedAttributes(*schemas.registry, *schemas.user, rules, *user, *mapped);
  require(again.has_value() && *again == *user, "the same login again changes nothing", text);
  require(
      claimsDigest(provider(), *mapped, {}, {}, 0) == claimsDigest(provider(), *mapped, {}, {}, 0),
      "a digest is of what it is of");
}

void tryText(const std::string& text) {
  const auto body = json::parse(text);
  if (!body) return;
  const auto request = readProvisionRequest(*body);
  if (!request) {
    require(hasCode(request.error()), "a refusal has a code", request.error().detail);
  } else {
    tryClaims(request->claims, request->subject);
  }
  // Most bodies are no request: as claims all objects are worth a try.
  if (body->isObject()) tryClaims(*body->object(), Subject("fuzz"));
}

}  // namespace
}  // namespace vestibule::jit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vestibule::jit::tryText(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
