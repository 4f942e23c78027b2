#include "jit/operation_request.h"

#include <utility>

#include "base/crypto.h"
#include "json/parse.h"
#include "json/write.h"

namespace vestibule::jit {
namespace {

/// Claims of a token may be nested one deeper here than where they came from.
constexpr json::Limits kLimits{.depth = 32};

/// Two texts that no other two are told by: the first cannot run into the second.
std::string digestOf(std::string_view purpose, std::string_view first, std::string_view second) {
  std::string text(purpose);
  text += ' ' + std::to_string(first.size()) + ' ';
  text.append(first).append(second);
  return sha256(text);
}

tl::unexpected<Error> unreadable(const store::Operation& operation, const std::string& why) {
  return internalFailure("the request of operation " + std::to_string(operation.seq) +
                         " cannot be read: " + why);
}

}  // namespace

std::string writeQueuedRequest(const ProvisionRequest& request,
                               const directory::Principal& principal) {
  json::Object text;
  text.set("claims", request.claims);
  text.set("verified", request.verified);
  text.set("token", principal.name);
  if (!principal.all_domains) {
    json::Array domains;
    for (const auto domain : principal.domains) domains.emplace_back(unsigned{domain.value()});
    text.set("domains", std::move(domains));
  }
  return json::write(text);
}

Result<QueuedRequest> readQueuedRequest(const store::Operation& operation) {
  if (!operation.request) return unreadable(operation, "there is none");
  auto text = json::parse(*operation.request, kLimits);
  if (!text) return unreadable(operation, text.error().detail);
  const json::Value* claims = text->find("claims");
  const json::Value* verified = text->find("verified");
  const auto token = text->stringAt("token");
  if (claims == nullptr || !claims->isObject() || verified == nullptr || !verified->boolean() ||
      !token) {
    return unreadable(operation, "a member is missing");
  }
  QueuedRequest queued;
  queued.request.identity_provider = operation.identity_provider;
  queued.request.subject = operation.subject;
  queued.request.correlation_id = operation.correlation_id;
  queued.request.claims = *claims->object();
  queued.request.verified = *verified->boolean();
  queued.principal.token_id = operation.token_id;
  queued.principal.name = *token;
  queued.principal.scopes = static_cast<std::uint8_t>(directory::Scope::kJit);
  if (const json::Value* domains = text->find("domains")) {
    queued.principal.all_domains = false;
    if (!domains->isArray()) return unreadable(operation, "the domains are no list");
    for (const json::Value& domain : *domains->array()) {
      const auto number = domain.number() == nullptr ? std::nullopt : domain.number()->asInt64();
      if (!number || *number < 0 || *number > UINT16_MAX) {
        return unreadable(operation, "a domain is no number");
      }
      queued.principal.domains.emplace_back(static_cast<std::uint16_t>(*number));
    }
  }
  return queued;
}

std::string laneOf(std::string_view identity_provider, const Subject& subject) {
  return digestOf("lane", identity_provider, subject.value());
}

std::string keyDigestOf(std::string_view token_id, std::string_view key) {
  return digestOf("key", token_id, key);
}

}  // namespace vestibule::jit
