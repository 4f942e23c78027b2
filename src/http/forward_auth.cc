#include "http/forward_auth.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "base/blanks.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/unicode.h"
#include "directory/stored_document.h"
#include "http/answer_cache.h"
#include "http/authentication.h"
#include "http/error_response.h"
#include "http/jit_answer.h"
#include "http/jit_request.h"
#include "jit/codes.h"
#include "jit/provision.h"
#include "json/write.h"

namespace vestibule::http {
namespace {

constexpr std::size_t kCachedAnswers = 20'000;
constexpr std::string_view kCodeHeader = "X-Vestibule-Code";
constexpr std::string_view kOutcomeHeader = "X-Vestibule-Outcome";

/// Everything that is no plain character of a header value, and what divides lists, as `%XX`.
void appendEncoded(std::string& out, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > ' ' && byte < 0x7F && c != '%' && c != ',') {
      out += c;
      continue;
    }
    out += '%';
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 0xFU];
  }
}

std::string encoded(std::string_view text) {
  std::string out;
  appendEncoded(out, text);
  return out;
}

/// One header as the proxy sent it. Error kInvalidRequest for what cannot be text.
Result<std::string> textOf(const Request& request, const std::string& header) {
  auto value = request.headers.joined(header);
  if (!isValidUtf8(value)) {
    return jit::refusal(jit::kInvalidRequest, "the header " + header + " is not UTF-8");
  }
  return std::string(trimmed(value));
}

/// The same of a header that may be there once: two of them are one too many, since nobody could
/// say whose the second is.
Result<std::string> singleText(const Request& request, const std::string& header) {
  if (request.headers.count(header) > 1) {
    return jit::refusal(jit::kInvalidRequest, "there is more than one header " + header);
  }
  return textOf(request, header);
}

json::Value claimOf(const std::string& text, const std::string& separator) {
  if (separator.empty()) return json::Value(text);
  json::Array parts;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find(separator, at), text.size());
    const auto part = trimmed(std::string_view(text).substr(at, end - at));
    if (!part.empty()) parts.emplace_back(std::string(part));
    at = end + separator.size();
  }
  return json::Value(std::move(parts));
}

/// What the headers say, by the settings; an empty subject and no token when nobody is signed in.
Result<jit::ProvisionRequest> askedBy(const Request& request, const std::string& provider,
                                      const jit::ForwardAuthSettings& settings) {
  jit::ProvisionRequest asked;
  asked.identity_provider = provider;
  if (!settings.id_token_header.empty()) {
    auto token = singleText(request, settings.id_token_header);
    if (!token) return propagate(token);
    asked.id_token = *std::move(token);
    return asked;
  }
  auto subject = singleText(request, settings.subject_header);
  if (!subject) return propagate(subject);
  asked.subject = Subject(*std::move(subject));
  for (const auto& row : settings.claim_headers) {
    auto text =
        row.separator.empty() ? singleText(request, row.header) : textOf(request, row.header);
    if (!text) return propagate(text);
    if (!text->empty()) asked.claims.set(row.claim, claimOf(*text, row.separator));
  }
  return asked;
}

void appendPart(std::string& key, std::string_view part) {
  key.append(std::to_string(part.size())).append(":").append(part);
}

/// All that the answer depends on beside the user: who asks, by which settings, and every header
/// that these name.
std::string keyOf(const Request& request, const Caller& caller,
                  const jit::IdentityProvider& provider) {
  const auto& settings = *provider.forward_auth;
  std::string key;
  appendPart(key, caller.principal->token_id);
  appendPart(key, std::to_string(caller.catalog->revision()));
  appendPart(key, provider.name);
  const auto append = [&](const std::string& header) {
    appendPart(key, std::to_string(request.headers.count(header)));
    appendPart(key, request.headers.joined(header));
  };
  if (!settings.id_token_header.empty()) append(settings.id_token_header);
  if (!settings.subject_header.empty()) append(settings.subject_header);
  for (const auto& row : settings.claim_headers) append(row.header);
  return key;
}

class ForwardAuth {
 public:
  ForwardAuth(const directory::Context& context, const jit::IdentityProviders& providers)
      : context_(context), providers_(providers), cache_(kCachedAnswers) {}

  Response answer(const Request& request) {
    const std::string id = correlationIdOf(request);
    auto asker = askerOf(request, authenticate(request, context_));
    if (!asker) return refused(asker.error(), jit::OnFailure::kRefuse, id);
    // Behind many requests on one connection it is here that one comes first, and another may have
    // been answered while this one waited.
    if (auto kept = keptAnswer(*asker, request, id)) return *std::move(kept);
    const auto& provider = *asker->provider;
    auto asked = askedBy(request, provider.name, *provider.forward_auth);
    if (!asked) return refused(asked.error(), jit::OnFailure::kRefuse, id);
    if (asked->subject.value().empty() && asked->id_token.empty()) return nobody(id);
    asked->correlation_id = id;
    asked->can_ask = false;

    const auto result = jit::provision(context_, providers_, *asker->caller.principal, *asked);
    if (!result.decision) return refused(result.decision.error(), result.on_failure, id);
    auto response = userAnswer(*result.decision);
    if (!response) return refused(response.error(), result.on_failure, id);
    keep(keyOf(request, asker->caller, provider), *response, *provider.forward_auth,
         result.valid_until);
    response->headers.set(kCorrelationHeader, id);
    return *std::move(response);
  }

  std::optional<Response> atHand(const Request& request) {
    auto caller = identifyAtOnce(request, context_);
    if (!caller) return std::nullopt;
    const auto asker = askerOf(request, *std::move(caller));
    if (!asker) return std::nullopt;
    auto answer = keptAnswer(*asker, request, correlationIdOf(request));
    // What is refused here is answered where the rest is.
    if (answer && !admit(*asker->caller.principal)) return std::nullopt;
    return answer;
  }

 private:
  /// The proxy, and whose users it asks about.
  struct Asker {
    Caller caller;
    std::shared_ptr<const jit::IdentityProvider> provider;
  };

  std::optional<Response> keptAnswer(const Asker& asker, const Request& request,
                                     const std::string& id) {
    const auto kept =
        cache_.find(keyOf(request, asker.caller, *asker.provider), AnswerCache::Clock::now());
    if (kept == nullptr) return std::nullopt;
    Response response = *kept;
    response.headers.set(kCorrelationHeader, id);
    return response;
  }

  Result<Asker> askerOf(const Request& request, Result<Caller> caller) const {
    if (caller) caller = requireScope(*std::move(caller), directory::Scope::kJit);
    if (!caller) return refusalOf(std::move(caller.error()));
    auto name = request.queryValue("identityProvider");
    if (!name) name = request.headers.first("X-Vestibule-Identity-Provider");
    if (!name) {
      return jit::refusal(jit::kInvalidRequest, "the proxy has to name an identity provider");
    }
    auto provider = providers_.find(*caller->catalog, *name);
    if (!provider) return propagate(provider);
    if (!(*provider)->forward_auth) {
      return jit::refusal(jit::kForwardAuthNotSet,
                          "the identity provider's settings say no headers: forwardAuth is absent");
    }
    return Asker{*std::move(caller), *std::move(provider)};
  }

  /// 401 and nothing else tells a proxy to have the user sign in. Without a challenge: it is the
  /// browser that lacks something here, proxies pass the answer on to it, and no browser has a
  /// bearer token. Nothing failed, so the log says nothing.
  static Response nobody(const std::string& id) {
    const auto error = jit::refusal(jit::kNobodySignedIn, "the proxy names nobody").value();
    return jitAnswer(401, "application/problem+json",
                     json::write(jitProblem(error, 401, jit::OnFailure::kRefuse, id)), id);
  }

  static Response refused(const Error& error, jit::OnFailure on_failure, const std::string& id) {
    const int status = statusOf(error.kind);
    Response response = jitFailure(error, status < 500 ? 403 : status, on_failure, id);
    if (on_failure == jit::OnFailure::kAllow) {
      response.status = 200;
      response.body.clear();
      response.headers.set(kOutcomeHeader, "failed");
    }
    response.headers.set(kCodeHeader, error.code);
    return response;
  }

  static Result<Response> userAnswer(const jit::Provisioned& done) {
    Response response;
    response.headers.set("Cache-Control", "no-store");
    response.headers.set(kOutcomeHeader, std::string(jit::nameOf(done.outcome)));
    if (!done.user) return response;
    auto attributes = directory::parseStored(done.user->resource.document);
    if (!attributes) return propagate(attributes);
    const auto* name = attributes->find("userName");
    if (name == nullptr || !name->isString()) {
      return internalFailure("a stored user has no userName");
    }
    std::string groups;
    for (const auto& group : done.user->groups) {
      if (!groups.empty()) groups += ',';
      appendEncoded(groups, group.display);
    }
    response.headers.set("X-Vestibule-User-Id", done.user->resource.meta.id.text());
    response.headers.set("X-Vestibule-User-Name", encoded(*name->string()));
    response.headers.set("X-Vestibule-Domain", done.domain->name().value());
    response.headers.set("X-Vestibule-Groups", std::move(groups));
    return response;
  }

  /// What comes out of the cache changed nothing any more.
  void keep(std::string key, const Response& response, const jit::ForwardAuthSettings& settings,
            const std::optional<Timestamp>& valid_until) {
    std::chrono::microseconds time = settings.cache;
    if (valid_until) time = std::min(time, std::chrono::microseconds(*valid_until - now()));
    if (time <= std::chrono::microseconds::zero()) return;
    auto kept = std::make_shared<Response>(response);
    if (kept->headers.first("X-Vestibule-User-Id")) {
      kept->headers.set(kOutcomeHeader, std::string(jit::nameOf(jit::Outcome::kUnchanged)));
    }
    cache_.keep(std::move(key), std::move(kept), AnswerCache::Clock::now() + time);
  }

  const directory::Context& context_;
  const jit::IdentityProviders& providers_;
  AnswerCache cache_;
};

}  // namespace

void addForwardAuthRoute(Router& router, const directory::Context& context,
                         const jit::IdentityProviders& providers) {
  const auto api = std::make_shared<ForwardAuth>(context, providers);
  RouteOptions options;
  options.answer_at_hand = [api](const Request& request) { return api->atHand(request); };
  router.add(
      Method::kGet, "/jit/v1/forward-auth",
      [api](const Request& request) { return api->answer(request); }, options);
}

}  // namespace vestibule::http
