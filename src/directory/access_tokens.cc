#include "directory/access_tokens.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/log.h"
#include "jose/faults.h"
#include "jose/jws.h"
#include "json/parse.h"

namespace vestibule::directory {
namespace {

constexpr std::size_t kRemembered = 4'096;
/// How many clients have a rate of their own; more share one.
constexpr std::size_t kClients = 10'000;
constexpr Timestamp kSecond = 1'000'000;
/// So long a key that its issuer has withdrawn may still serve for a token that was seen before.
constexpr Timestamp kLongest = 60 * kSecond;
constexpr std::size_t kNameBytes = 255;

tl::unexpected<Error> invalid(const std::string& reason) {
  return failure(ErrorKind::kUnauthenticated, "the token is not valid: " + reason, {},
                 "invalid_token");
}

/// Texts of a claim: a text of words or a list of texts.
std::vector<std::string> wordsOf(const json::Value* claim) {
  std::vector<std::string> words;
  if (claim == nullptr) return words;
  if (const json::Array* list = claim->array()) {
    for (const auto& one : *list) {
      if (one.string() != nullptr) words.push_back(*one.string());
    }
    return words;
  }
  std::string_view text;
  if (claim->string() != nullptr) text = *claim->string();
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (!word.empty()) words.emplace_back(word);
  }
  return words;
}

/// What the token and the settings both allow. Words that are no scopes of ours are for others.
std::uint8_t scopesOf(const TokenIssuer& issuer, const json::Object& claims) {
  std::uint8_t scopes = 0;
  for (const auto& word : wordsOf(claims.find(issuer.scope_claim))) {
    if (!word.starts_with(issuer.scope_prefix)) continue;
    const auto scope = parseScopes(std::string_view(word).substr(issuer.scope_prefix.size()));
    if (scope) scopes = static_cast<std::uint8_t>(scopes | *scope);
  }
  return static_cast<std::uint8_t>(scopes & issuer.scopes);
}

/// What audit, rates and guard-rails know the client of an issuer by: of the form of our own ids.
std::string idOf(const TokenIssuer& issuer, const std::string& client) {
  constexpr std::size_t kIdBytes = 16;
  const std::string pair = std::to_string(issuer.number) + '\0' + client;
  return toHex(sha256(pair).substr(0, kIdBytes));
}

Result<std::string> clientOf(const TokenIssuer& issuer, const json::Object& claims) {
  const json::Value* claim = claims.find(issuer.client_claim);
  const std::string* client = claim == nullptr ? nullptr : claim->string();
  if (client == nullptr || client->empty()) {
    return invalid("it does not say by '" + printable(issuer.client_claim, 64) +
                   "' which client it was issued to");
  }
  const auto& allowed = issuer.clients;
  if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), *client) == allowed.end()) {
    return invalid("its client is none of those that may use it here");
  }
  return *client;
}

Timestamp expiryOf(const TokenIssuer& issuer, const json::Object& claims) {
  const json::Value* claim = claims.find("exp");
  const auto seconds =
      claim == nullptr || claim->number() == nullptr ? std::nullopt : claim->number()->asDouble();
  const auto skew = std::chrono::microseconds(issuer.rules.claims.clock_skew).count();
  return static_cast<Timestamp>(seconds.value_or(0) * static_cast<double>(kSecond)) + skew;
}

}  // namespace

std::shared_ptr<const TokenIssuer> AccessTokens::issuerOf(const Catalog& catalog,
                                                          std::string_view token) {
  const auto jws = jose::parseJws(token);
  if (!jws) return nullptr;
  const auto claims = json::parse(jws->payload);
  const auto named = claims ? claims->stringAt("iss") : std::nullopt;
  return named ? catalog.findTokenIssuer(*named) : nullptr;
}

void AccessTokens::forgetKeys(const Catalog& catalog) {
  // Outlives the lock: a source that goes waits for its reading.
  std::vector<std::shared_ptr<jose::KeySource>> gone;
  const std::lock_guard lock(mutex_);
  if (keys_revision_ == catalog.revision()) return;
  keys_revision_ = catalog.revision();
  for (auto at = keys_.begin(); at != keys_.end();) {
    const auto issuer = catalog.findTokenIssuer(at->second.issuer);
    if (issuer != nullptr && issuer->number == at->first) {
      ++at;
      continue;
    }
    gone.push_back(std::move(at->second.source));
    at = keys_.erase(at);
  }
}

std::shared_ptr<jose::KeySource> AccessTokens::keysOf(const Catalog& catalog,
                                                      const TokenIssuer& issuer) {
  auto source = key_sources_.at(issuer.keys);
  std::shared_ptr<jose::KeySource> former;  // outlives the lock, as above
  const std::lock_guard lock(mutex_);
  // By another catalog the issuer may be gone by now.
  if (keys_revision_ != catalog.revision()) return source;
  auto& kept = keys_[issuer.number];
  kept.issuer = issuer.rules.claims.issuer;
  former = std::exchange(kept.source, source);
  return source;
}

std::shared_ptr<TokenActivity> AccessTokens::activityOf(const std::string& token_id) {
  const std::lock_guard lock(mutex_);
  const auto known = activities_.find(token_id);
  if (known != activities_.end()) return known->second;
  const std::string& key = activities_.size() < kClients ? token_id : std::string();
  auto& activity = activities_[key];
  if (activity == nullptr) activity = std::make_shared<TokenActivity>();
  return activity;
}

void AccessTokens::remember(std::string sha256, Entry entry) {
  const std::lock_guard lock(mutex_);
  if (newer_.size() >= kRemembered / 2) {
    older_ = std::move(newer_);
    newer_.clear();
  }
  newer_.insert_or_assign(std::move(sha256), std::move(entry));
}

std::shared_ptr<const TokenBearer> AccessTokens::remembered(const Catalog& catalog,
                                                            std::string_view sha256,
                                                            Timestamp now) {
  std::shared_ptr<const TokenBearer> bearer;
  {
    const std::string key(sha256);
    const std::lock_guard lock(mutex_);
    for (auto* entries : {&newer_, &older_}) {
      const auto found = entries->find(key);
      if (found == entries->end()) continue;
      if (now < found->second.until) bearer = found->second.bearer;
      break;
    }
  }
  if (bearer == nullptr) return nullptr;
  // Settings that have changed since say anew who it is.
  const auto issuer = catalog.findTokenIssuer(bearer->issuer->rules.claims.issuer);
  const bool holds = issuer != nullptr && issuer->number == bearer->issuer->number &&
                     issuer->version == bearer->issuer->version;
  return holds ? bearer : nullptr;
}

Result<std::shared_ptr<const TokenBearer>> AccessTokens::verify(const Catalog& catalog,
                                                                std::string_view token,
                                                                std::string_view sha256,
                                                                Timestamp now) {
  if (auto known = remembered(catalog, sha256, now)) return known;
  forgetKeys(catalog);
  const auto issuer = issuerOf(catalog, token);
  if (issuer == nullptr) return invalid("it is of no issuer that is known here");
  const auto ignore = [](std::string_view, std::string_view, std::string_view) {};
  const auto keys = keysOf(catalog, *issuer);
  auto claims = jose::verifyToken(token, issuer->rules, *keys, now, ignore);
  if (!claims) {
    if (claims.error().kind == ErrorKind::kUnavailable) return propagate(claims);
    return invalid(claims.error().detail);
  }
  auto client = clientOf(*issuer, *claims);
  if (!client) return propagate(client);

  auto principal = std::make_shared<Principal>();
  principal->token_id = idOf(*issuer, *client);
  principal->name = printable(issuer->name + ":" + *client, kNameBytes);
  principal->scopes = scopesOf(*issuer, *claims);
  principal->all_domains = issuer->all_domains;
  principal->domains = issuer->domains;
  principal->tolerances = issuer->tolerances;
  principal->requests_per_minute = issuer->requests_per_minute;
  principal->activity = activityOf(principal->token_id);
  auto bearer = std::make_shared<const TokenBearer>(
      TokenBearer{std::move(principal), issuer, Subject(*claims->find("sub")->string())});
  remember(std::string(sha256), {bearer, std::min(expiryOf(*issuer, *claims), now + kLongest)});
  return bearer;
}

}  // namespace vestibule::directory
