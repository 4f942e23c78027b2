// ID tokens: nobody without a key of the issuer gets one through, and what somebody with a key
// signs, whatever it is, is read to the end or refused with a code. Key sets of any text are read
// or refused.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/encoding.h"
#include "fuzz/invariant.h"
#include "jose/faults.h"
#include "jose/jws.h"
#include "jose/key_set.h"
#include "jose/token.h"
#include "support/token_signer.h"

namespace vestibule::jose {
namespace {

using fuzz::require;

constexpr Timestamp kNow = 1'800'000'000'000'000;

const test::TokenSigner& signer() {
  static const test::TokenSigner key(KeyType::kEd25519);
  return key;
}

KeySource& keys() {
  static KeySource source("fuzz", [](const std::atomic<bool>&) -> Result<FetchedKeys> {
    static const test::TokenSigner ec(KeyType::kP256);
    return FetchedKeys{test::keySetText({signer().jwk("k"), ec.jwk("e")}), std::nullopt};
  });
  return source;
}

const TokenRules& rules() {
  static const TokenRules all = [] {
    TokenRules made;
    made.algorithms.assign(kAlgorithms.begin(), kAlgorithms.end());
    made.claims.issuer = "https://idp.example";
    made.claims.audiences = {"gateway"};
    made.claims.clock_skew = std::chrono::seconds(60);
    return made;
  }();
  return all;
}

bool isFault(const Error& error) {
  return std::find(kFaults.begin(), kFaults.end(), error.code) != kFaults.end();
}

Result<json::Object> verify(const std::string& token) {
  return verifyToken(token, rules(), keys(), kNow, [](auto, auto, auto) {});
}

void verifyForeign(const std::string& token) {
  const auto claims = verify(token);
  require(!claims, "nobody makes a token without the key", token);
  require(isFault(claims.error()), "a refusal says by a code what is wrong", token);
  require(claims.error().detail.size() < 500, "a refusal repeats no token", token);
}

void verifySigned(const std::string& header, const std::string& payload) {
  const std::string token =
      signer().token(Algorithm::kEdDsa, std::string_view(header), std::string_view(payload));
  const auto claims = verify(token);
  if (!claims) {
    require(isFault(claims.error()), "a refusal says by a code what is wrong", token);
    return;
  }
  const auto textAt = [&](std::string_view name) {
    const json::Value* value = claims->find(name);
    return value == nullptr || value->string() == nullptr ? std::string() : *value->string();
  };
  require(textAt("iss") == "https://idp.example", "the issuer is the right one", token);
  require(!textAt("sub").empty(), "there is a subject", token);
  const auto expires = claims->find("exp")->number()->asDouble();
  require(expires && *expires + 60 > 1.8e9, "it has not expired", token);
}

void tryAll(const std::string& text) {
  verifyForeign(text);
  // Deeper in: as header and payload of a token of no valid signature, and of one with.
  const std::size_t line = std::min(text.find('\n'), text.size());
  const std::string first = text.substr(0, line);
  const std::string rest = text.substr(std::min(line + 1, text.size()));
  verifyForeign(toBase64Url(first) + "." + toBase64Url(rest) + ".AAAA");
  verifySigned(first, rest);
  verifySigned(R"({"alg":"EdDSA","kid":"k"})", text);
  const auto set = readKeySet(text);
  require(!set || set->keys.size() <= kMaxKeys, "a set has its limit", text);
}

}  // namespace
}  // namespace vestibule::jose

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vestibule::jose::tryAll(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
