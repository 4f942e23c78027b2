#include "jit/settings_reader.h"

namespace vestibule::jit {

const json::Object& objectOrNone(scim::Fields& fields, std::string_view key) {
  static const json::Object kNone;
  const json::Object* object = fields.object(key);
  return object == nullptr ? kNone : *object;
}

std::optional<ClaimPath> optionalClaim(scim::Fields& fields, std::string_view key) {
  const std::string text = fields.textOr(key, "");
  if (text.empty()) return std::nullopt;
  auto path = ClaimPath::compile(text);
  if (path) return *std::move(path);
  fields.fail(key, path.error().detail);
  return std::nullopt;
}

std::optional<ClaimPath> requiredClaim(scim::Fields& fields, std::string_view key) {
  static_cast<void>(fields.text(key));
  return optionalClaim(fields, key);
}

std::string textOf(const std::optional<ClaimPath>& claim) {
  return claim ? claim->text() : std::string();
}

}  // namespace vestibule::jit
