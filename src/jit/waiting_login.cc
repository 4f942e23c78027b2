#include "jit/waiting_login.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "json/parse.h"
#include "json/write.h"

namespace vestibule::jit {
namespace {

/// Claims of a token may be nested one deeper here than where they came from.
constexpr json::Limits kLimits{.depth = 32};

/// A row that keeps a login.
struct Row {
  std::string name;  ///< for the log
  const std::optional<std::string>& text;
  const std::string& identity_provider;
  const Subject& subject;
  const std::string& correlation_id;
  const std::string& token_id;
};

tl::unexpected<Error> unreadable(const Row& kept, const std::string& why) {
  return internalFailure("the request of " + kept.name + " cannot be read: " + why);
}

Result<WaitingLogin> read(const Row& kept) {
  if (!kept.text) return unreadable(kept, "there is none");
  auto text = json::parse(*kept.text, kLimits);
  if (!text) return unreadable(kept, text.error().detail);
  const json::Value* claims = text->find("claims");
  const json::Value* verified = text->find("verified");
  const auto token = text->stringAt("token");
  if (claims == nullptr || !claims->isObject() || verified == nullptr || !verified->boolean() ||
      !token) {
    return unreadable(kept, "a member is missing");
  }
  WaitingLogin queued;
  queued.request.identity_provider = kept.identity_provider;
  queued.request.subject = kept.subject;
  queued.request.correlation_id = kept.correlation_id;
  queued.request.claims = *claims->object();
  queued.request.verified = *verified->boolean();
  queued.principal.token_id = kept.token_id;
  queued.principal.name = *token;
  queued.principal.scopes = static_cast<std::uint8_t>(directory::Scope::kJit);
  queued.request.return_url = text->stringAt("returnUrl").value_or("");
  queued.request.can_ask = text->boolAt("canAsk").value_or(false);
  if (const json::Value* domains = text->find("domains")) {
    queued.principal.all_domains = false;
    if (!domains->isArray()) return unreadable(kept, "the domains are no list");
    for (const json::Value& domain : *domains->array()) {
      const auto number = domain.number() == nullptr ? std::nullopt : domain.number()->asInt64();
      if (!number || *number < 0 || *number > UINT16_MAX) {
        return unreadable(kept, "a domain is no number");
      }
      queued.principal.domains.emplace_back(static_cast<std::uint16_t>(*number));
    }
  }
  return queued;
}

}  // namespace

std::string writeWaitingLogin(const ProvisionRequest& request,
                              const directory::Principal& principal) {
  json::Object text;
  text.set("claims", request.claims);
  text.set("verified", request.verified);
  text.set("token", principal.name);
  if (!request.return_url.empty()) text.set("returnUrl", request.return_url);
  if (request.can_ask) text.set("canAsk", true);
  if (!principal.all_domains) {
    json::Array domains;
    for (const auto domain : principal.domains) domains.emplace_back(unsigned{domain.value()});
    text.set("domains", std::move(domains));
  }
  return json::write(text);
}

Result<WaitingLogin> readWaitingLogin(const store::Operation& operation) {
  return read({"operation " + std::to_string(operation.seq), operation.request,
               operation.identity_provider, operation.subject, operation.correlation_id,
               operation.token_id});
}

Result<WaitingLogin> readWaitingLogin(const store::Prompt& prompt) {
  return read({"prompt " + std::to_string(prompt.seq), prompt.request, prompt.identity_provider,
               prompt.subject, prompt.correlation_id, prompt.token_id});
}

}  // namespace vestibule::jit
