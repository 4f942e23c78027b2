#include "jose/token.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/log.h"
#include "base/unicode.h"
#include "jose/faults.h"
#include "jose/jws.h"
#include "json/parse.h"

namespace vestibule::jose {
namespace {

constexpr std::size_t kShownKeyId = 64;

/// The keys that may have signed the token.
std::vector<const IssuerKey*> candidatesOf(const KeySet& set, const Jws& jws, Algorithm algorithm) {
  std::vector<const IssuerKey*> candidates;
  for (const IssuerKey& key : set.keys) {
    if (!key.signsBy(algorithm)) continue;
    if (jws.key_id && key.key_id != jws.key_id) continue;
    candidates.push_back(&key);
  }
  return candidates;
}

class Verification {
 public:
  Verification(std::string_view token, const TokenRules& rules, KeySource& keys,
               const Witness& witness)
      : token_(token), rules_(rules), keys_(keys), witness_(witness) {}

  Result<json::Object> claims(Timestamp now) {
    auto jws = parseJws(token_);
    if (!jws) {
      witness_("form", "token", jws.error().detail);
      return propagate(jws);
    }
    const auto algorithm = allowed(*jws);
    if (!algorithm) {
      witness_("algorithm", "alg " + printable(jws->algorithm, kShownKeyId), "not allowed");
      return refuse(kAlgorithm, "the token is signed by '" +
                                    printable(jws->algorithm, kShownKeyId) +
                                    "', which the settings do not allow");
    }
    if (auto fit = checkType(*jws); !fit) {
      witness_("form", "typ", fit.error().detail);
      return propagate(fit);
    }
    if (auto held = checkSignature(*jws, *algorithm); !held) {
      witness_("signature", describe(*jws),
               held.error().internal.empty() ? held.error().detail : held.error().internal);
      return propagate(held);
    }
    witness_("signature", describe(*jws), "holds");
    auto payload = json::parse(jws->payload);
    if (!payload || !payload->isObject()) {
      witness_("form", "claims", "no JSON object");
      return refuse(kMalformed,
                    payload ? "the token's claims are no JSON object"
                            : "the token's claims cannot be read: " + payload.error().detail);
    }
    if (auto good = checkClaims(*payload->object(), rules_.claims, now, witness_); !good) {
      return propagate(good);
    }
    return std::move(*payload->object());
  }

 private:
  [[nodiscard]] std::optional<Algorithm> allowed(const Jws& jws) const {
    const auto algorithm = algorithmOf(jws.algorithm);
    const auto& list = rules_.algorithms;
    if (!algorithm || std::find(list.begin(), list.end(), *algorithm) == list.end()) {
      return std::nullopt;
    }
    return algorithm;
  }

  /// A token of another kind, though of the same issuer, is no token for this.
  [[nodiscard]] Result<void> checkType(const Jws& jws) const {
    constexpr std::string_view kPrefix = "application/";
    std::string_view type = jws.type.empty() ? std::string_view("JWT") : jws.type;
    if (equalIgnoringAsciiCase(type.substr(0, kPrefix.size()), kPrefix)) {
      type.remove_prefix(kPrefix.size());
    }
    std::string wanted;
    for (const auto& allowed : rules_.types) {
      if (equalIgnoringAsciiCase(allowed, type)) return {};
      wanted.append(wanted.empty() ? "" : " or ").append(allowed);
    }
    return refuse(kMalformed, "'typ' of the token's header is not " + wanted);
  }

  static std::string describe(const Jws& jws) {
    const std::string key =
        jws.key_id ? "kid " + printable(*jws.key_id, kShownKeyId) : std::string("no kid");
    return "alg " + jws.algorithm + ", " + key;
  }

  Result<void> checkSignature(const Jws& jws, Algorithm algorithm) {
    auto set = keys_.current();
    if (!set) {
      Error error = std::move(set.error());
      error.detail = "the keys of the token's issuer cannot be had now";
      error.code = std::string(kKeysUnavailable);
      return tl::make_unexpected(std::move(error));
    }
    auto held = tryKeys(**set, jws, algorithm);
    const bool may_be_newer = !held && (held.error().code == kUnknownKey || !jws.key_id);
    if (!may_be_newer) return held;
    const auto newer = keys_.newerThan(*set);
    return newer == *set ? held : tryKeys(*newer, jws, algorithm);
  }

  static Result<void> tryKeys(const KeySet& set, const Jws& jws, Algorithm algorithm) {
    const auto candidates = candidatesOf(set, jws, algorithm);
    if (candidates.empty()) {
      return refuse(kUnknownKey, jws.key_id ? "no key of the issuer has the token's name and type"
                                            : "no key of the issuer fits the token's algorithm");
    }
    if (!jws.key_id && candidates.size() > 1) {
      return refuse(kUnknownKey, "the token does not name its key, and several fit");
    }
    const bool holds =
        std::any_of(candidates.begin(), candidates.end(), [&](const IssuerKey* candidate) {
          return candidate->key.verifies(algorithm, jws.signing_input, jws.signature);
        });
    if (holds) return {};
    return refuse(kSignature, "the token's signature does not hold");
  }

  std::string_view token_;
  const TokenRules& rules_;
  KeySource& keys_;
  const Witness& witness_;
};

}  // namespace

Result<json::Object> verifyToken(std::string_view token, const TokenRules& rules, KeySource& keys,
                                 Timestamp now, const Witness& witness) {
  return Verification(token, rules, keys, witness).claims(now);
}

}  // namespace vestibule::jose
