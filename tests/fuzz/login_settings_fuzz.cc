// Settings of identity providers: any document is refused with its place, or compiles to a
// canonical form that compiles to itself. Any text is a user name template or is refused, and a
// template fills in what it reads or refuses.

#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz/invariant.h"
#include "jit/codes.h"
#include "jit/identity_provider.h"
#include "jit/return_url.h"
#include "jit/user_name_template.h"
#include "json/parse.h"
#include "json/write.h"
#include "support/scim_schemas.h"

namespace vestibule::jit {
namespace {

using fuzz::require;

void trySettings(const json::Value& document) {
  const auto& schemas = scim::test::schemas();
  const auto compiled = compileIdentityProvider(*schemas.registry, *schemas.user, document);
  if (!compiled) {
    const Error& error = compiled.error();
    require(!document.isObject() || error.detail.rfind("identity provider: ", 0) == 0,
            "a refusal says of what", error.detail);
    return;
  }
  const std::string text = json::write(compiled->document);
  const auto again = compileIdentityProvider(*schemas.registry, *schemas.user, compiled->document);
  require(again.has_value(), "the canonical form compiles", text);
  require(json::write(again->document) == text, "and to itself", text);
}

void tryTemplate(const std::string& text) {
  const auto pattern = UserNameTemplate::compile(text);
  if (!pattern) return;
  require(text.size() <= UserNameTemplate::kMaxTemplate, "a template has its limit", text);
  static const json::Object kClaims{{"email", "Zoe@Acme.Example"}, {"a", "b"}};
  const auto name = pattern->fill(kClaims, Subject("s-1"));
  require(name.has_value() || name.error().code == kNoUserName.code, "there is a name or a code",
          text);
}

void tryReturnUrl(const std::string& text) {
  const auto origin = originOfUrl(text);
  if (!origin) return;
  const auto again = originOfUrl(*origin);
  require(again.has_value() && *again == *origin, "an origin is its own origin", text);
  for (const char c : {'@', '\\', '#', '\r', '\n', ' '}) {
    require(origin->find(c) == std::string::npos, "an origin is plain", text);
  }
}

void tryText(const std::string& text) {
  tryTemplate(text);
  tryReturnUrl(text);
  if (const auto document = json::parse(text)) trySettings(*document);
}

}  // namespace
}  // namespace vestibule::jit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vestibule::jit::tryText(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
