#include "jose/jws.h"

#include <utility>

#include "base/encoding.h"
#include "jose/faults.h"
#include "json/parse.h"

namespace vestibule::jose {
namespace {

// What a header may be: RFC 7515 §4 has no deeper member than a `jwk`.
constexpr json::Limits kHeaderLimits{.depth = 8, .members = 64, .elements = 1'000};

/// The text of a header member, nothing when it is absent. Error kMalformed when it is no text.
Result<std::optional<std::string>> optionalText(const json::Object& header, std::string_view name) {
  const json::Value* value = header.find(name);
  if (value == nullptr) return std::optional<std::string>();
  if (const std::string* text = value->string()) return std::optional(*text);
  return refuse(kMalformed, "'" + std::string(name) + "' of the token's header is no string");
}

Result<void> readHeader(const json::Object& header, Jws& jws) {
  for (const std::string_view name : {"crit", "b64", "zip", "cty"}) {
    if (header.find(name) != nullptr) {
      return refuse(kMalformed,
                    "the token's header has '" + std::string(name) + "', which is not understood");
    }
  }
  auto algorithm = optionalText(header, "alg");
  if (!algorithm) return propagate(algorithm);
  if (!*algorithm) return refuse(kMalformed, "the token's header has no 'alg'");
  jws.algorithm = **std::move(algorithm);
  auto key_id = optionalText(header, "kid");
  if (!key_id) return propagate(key_id);
  if (*key_id && (*key_id)->size() > kMaxKeyIdBytes) {
    return refuse(kMalformed, "'kid' of the token's header is too long");
  }
  jws.key_id = *std::move(key_id);
  auto type = optionalText(header, "typ");
  if (!type) return propagate(type);
  jws.type = (*std::move(type)).value_or("");
  return {};
}

}  // namespace

Result<Jws> parseJws(std::string_view token) {
  if (token.size() > kMaxTokenBytes) {
    return refuse(kMalformed,
                  "the token has more than " + std::to_string(kMaxTokenBytes) + " bytes");
  }
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return refuse(kMalformed, "the token does not have the three parts of a signed one");
  }
  const std::string_view header_text = token.substr(0, first);
  if (header_text.size() > kMaxHeaderBytes) {
    return refuse(kMalformed, "the token's header is too long");
  }
  const auto header = fromBase64Url(header_text);
  auto payload = fromBase64Url(token.substr(first + 1, second - first - 1));
  auto signature = fromBase64Url(token.substr(second + 1));
  if (!header || !payload || !signature) {
    return refuse(kMalformed, "a part of the token is not base64url without padding");
  }
  const auto parsed = json::parse(*header, kHeaderLimits);
  if (!parsed || !parsed->isObject()) {
    return refuse(kMalformed, "the token's header is no JSON object");
  }
  Jws jws;
  if (auto read = readHeader(*parsed->object(), jws); !read) return propagate(read);
  jws.signing_input = token.substr(0, second);
  jws.payload = *std::move(payload);
  jws.signature = *std::move(signature);
  return jws;
}

}  // namespace vestibule::jose
