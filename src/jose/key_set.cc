#include "jose/key_set.h"

#include <algorithm>
#include <utility>

#include "jose/jws.h"
#include "json/parse.h"

namespace vestibule::jose {
namespace {

tl::unexpected<Error> unusable(std::string reason) {
  return failure(ErrorKind::kInvalidValue, std::move(reason));
}

/// True when the list holds the text.
bool holds(const json::Array& list, std::string_view text) {
  return std::any_of(list.begin(), list.end(), [&](const json::Value& element) {
    return element.string() != nullptr && *element.string() == text;
  });
}

/// What the key is for (RFC 7517 §4.2, §4.3).
Result<void> checkPurpose(const json::Object& jwk) {
  if (const json::Value* use = jwk.find("use")) {
    if (use->string() == nullptr || *use->string() != "sig") return unusable("'use' is not sig");
  }
  if (const json::Value* operations = jwk.find("key_ops")) {
    if (operations->array() == nullptr || !holds(*operations->array(), "verify")) {
      return unusable("'key_ops' does not have verify");
    }
  }
  return {};
}

Result<IssuerKey> readKey(const json::Value& element) {
  const json::Object* jwk = element.object();
  if (jwk == nullptr) return unusable("is no object");
  if (auto fit = checkPurpose(*jwk); !fit) return propagate(fit);
  std::optional<Algorithm> algorithm;
  if (const json::Value* stated = jwk->find("alg")) {
    if (const std::string* name = stated->string()) algorithm = algorithmOf(*name);
    if (!algorithm) return unusable("'alg' is no algorithm that is used here");
  }
  std::optional<std::string> key_id;
  if (const json::Value* stated = jwk->find("kid")) {
    if (stated->string() == nullptr || stated->string()->size() > kMaxKeyIdBytes) {
      return unusable("'kid' is no string, or too long");
    }
    key_id = *stated->string();
  }
  auto key = PublicKey::fromJwk(*jwk);
  if (!key) return propagate(key);
  if (algorithm && keyTypeOf(*algorithm) != key->type()) {
    return unusable("'alg' is not one of the key's type");
  }
  return IssuerKey{std::move(key_id), algorithm, *std::move(key)};
}

}  // namespace

Result<KeySet> readKeySet(std::string_view text) {
  if (text.size() > kMaxKeySetBytes) return unusable("the key set is too large");
  const auto parsed = json::parse(text);
  if (!parsed) return unusable("the key set is not JSON");
  const json::Value* keys = parsed->find("keys");
  if (keys == nullptr || !keys->isArray()) return unusable("there is no JWK Set with 'keys'");
  if (keys->array()->size() > kMaxKeys) {
    return unusable("the key set has more than " + std::to_string(kMaxKeys) + " keys");
  }
  KeySet set;
  for (std::size_t i = 0; i < keys->array()->size(); ++i) {
    auto key = readKey((*keys->array())[i]);
    if (key) {
      set.keys.push_back(*std::move(key));
    } else {
      set.left_out.push_back("keys[" + std::to_string(i) + "]: " + key.error().detail);
    }
  }
  return set;
}

}  // namespace vestibule::jose
