// Identity providers of WSO2: any document is imported, with settings that can be compiled or are
// refused with their place, or refused with the place in the document.

#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz/invariant.h"
#include "jit/identity_provider.h"
#include "jit/wso2_import.h"
#include "json/parse.h"
#include "json/write.h"
#include "support/scim_schemas.h"

namespace vestibule::jit {
namespace {

using fuzz::require;

void tryDocument(const std::string& text) {
  const auto source = json::parse(text);
  if (!source) return;
  const auto& schemas = scim::test::schemas();
  const auto imported = importWso2(*schemas.registry, *schemas.user, *source);
  if (!imported) {
    const Error& error = imported.error();
    require(error.kind == ErrorKind::kInvalidValue, "errors are invalidValue", error.detail);
    require(error.detail.rfind("identity provider of WSO2: ", 0) == 0, "an error says of what",
            error.detail);
    return;
  }
  for (const auto& one : *imported) {
    const json::Value* name = one.settings.find("name");
    require(name != nullptr && name->string() != nullptr, "there is a name", text);
    for (const auto& note : one.notes) {
      require(!note.pointer.empty() && note.pointer.front() == '/' && !note.text.empty(),
              "a note has a place and a text", text);
    }
    const auto compiled = compileIdentityProvider(*schemas.registry, *schemas.user, one.settings);
    if (compiled) continue;
    const Error& error = compiled.error();
    require(error.detail.rfind("identity provider: /", 0) == 0, "a refusal has its place",
            error.detail + " in " + json::write(one.settings));
  }
}

}  // namespace
}  // namespace vestibule::jit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vestibule::jit::tryDocument(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
